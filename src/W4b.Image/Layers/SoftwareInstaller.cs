using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Components;
using W4b.Image.Layers.Locking;
using W4b.Image.Layers.Packages;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers;

/// <summary>Installs packages and runs scripts in a tree, and removes from it what only the build needed.</summary>
internal sealed partial class SoftwareInstaller(ImageTree tree, IReadOnlyDictionary<string, SourceLocation> places, IBuildLog log, NativeTwins? twins = null, PackagePool? pool = null, LockedApt? locking = null)
{
    private static readonly string[] AptOptions =
    [
        "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-unsafe-io",
        "-o", "Dpkg::Use-Pty=0", "-o", "APT::Color=0", "-o", "Acquire::Retries=3", "-o", "Acquire::Languages=none",
    ];

    /// <summary>Installs packages and generates locales.</summary>
    /// <param name="packages">Debian packages.</param>
    /// <param name="locales">Locales, as locale.gen(5) names them.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task InstallAsync(IReadOnlyList<string> packages, IReadOnlyList<string> locales, CancellationToken cancellation)
    {
        await ChooseTwinsAsync([], cancellation).ConfigureAwait(false);
        if (packages.Any(p => p.Contains("postgresql", StringComparison.Ordinal)))
            await LeaveClusterToDeviceAsync(cancellation).ConfigureAwait(false);
        if (packages.Count > 0)
            await InstallAsync(packages, cancellation).ConfigureAwait(false);
        if (Generated(locales) is { Count: > 0 } generated)
            await GenerateLocalesAsync(generated, cancellation).ConfigureAwait(false);
    }

    /// <summary>Installs Python packages and components, and the Debian packages that a component needs and that are not there.</summary>
    /// <param name="software">What is wanted.</param>
    /// <param name="components">Folders of the components' files, by name.</param>
    /// <param name="wheels">Python packages whose versions are locked.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The Python packages that were installed.</returns>
    public async Task<IReadOnlyList<LockedWheel>> InstallComponentsAsync(SoftwareConfiguration software, IReadOnlyDictionary<string, string> components, IReadOnlyList<LockedWheel> wheels, CancellationToken cancellation)
    {
        await ChooseTwinsAsync([], cancellation).ConfigureAwait(false);
        var there = (await ListPackagesAsync(cancellation).ConfigureAwait(false)).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var missing = components.Values.SelectMany(folder => ComponentDescription.Read(folder).AllPackages).Distinct(StringComparer.Ordinal)
            .Where(p => !there.Contains(p)).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
            await InstallAsync(missing, cancellation).ConfigureAwait(false);
        return await new ComponentInstaller(tree, log).InstallAsync(software, components, wheels, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs scripts of the host in the tree.</summary>
    /// <param name="scripts">Their full paths.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task RunScriptsAsync(IEnumerable<string> scripts, CancellationToken cancellation)
    {
        foreach (var script in scripts)
        {
            // A script may have changed what is installed.
            await ChooseTwinsAsync([], cancellation).ConfigureAwait(false);
            await RunScriptAsync(script, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Those of <paramref name="locales"/> that have to be generated; C.UTF-8 is part of the C library.</summary>
    public static IReadOnlyList<string> Generated(IEnumerable<string> locales)
        => [.. locales.Where(l => !l.StartsWith("C.", StringComparison.Ordinal))];

    /// <summary>All packages in the tree, sorted by name.</summary>
    public async Task<IReadOnlyList<InstalledPackage>> ListPackagesAsync(CancellationToken cancellation)
    {
        var packages = new List<InstalledPackage>();
        await RunAsync("dpkg-query", ["-W", "-f", "${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${Architecture}\\n"], cancellation, line =>
        {
            if (line.Split('\t') is ["ii ", var name, var version, var architecture])
                packages.Add(new InstalledPackage(name, version, architecture));
        }).ConfigureAwait(false);
        return [.. packages.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Architecture, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Removes caches, logs, and what differs from build to build or belongs to one device only: two builds of equal inputs
    /// leave equal trees.
    /// </summary>
    public async Task CleanAsync(CancellationToken cancellation)
        => await RunAsync("/bin/sh", ["-euc", """
            rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/*.bin /var/lib/apt/lists/* /var/cache/ldconfig/aux-cache
            rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/log/bootstrap.log /var/log/fontconfig.log
            rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-
            rm -f /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/ssl/private/ssl-cert-snakeoil.key
            rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /var/lib/systemd/random-seed /var/lib/dbus/machine-id
            mkdir -p /var/log/apt
            if [ -s /etc/machine-id ] && ! grep -q uninitialized /etc/machine-id; then : > /etc/machine-id; fi
            """], cancellation).ConfigureAwait(false);

    // A database of its own is the device's matter: here making it would take half a minute, and all hives would share its id. createcluster.conf(5).
    private async Task LeaveClusterToDeviceAsync(CancellationToken cancellation)
        => await RunAsync("/bin/sh", ["-euc", """
            mkdir -p /etc/postgresql-common/createcluster.d
            echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/w4b.conf
            """], cancellation).ConfigureAwait(false);

    private async Task InstallAsync(IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        log.Info($"Installing {string.Join(' ', packages)}.");
        var update = await tree.RunInsideAsync("apt-get", ["update", "-o", "Acquire::Retries=3", "-o", "Acquire::Languages=none", "-o", "APT::Update::Error-Mode=any"],
            log, cancellation).ConfigureAwait(false);
        if (update.ExitCode != 0)
            throw DiagnosticCode.PackageInstallFailed.Error($"The package lists cannot be fetched: {AptOutput.Problem(update)}");

        if (locking is not null)
            await locking.PinAsync(cancellation).ConfigureAwait(false);
        await ProvideArchivesAsync(packages, cancellation).ConfigureAwait(false);
        await ChooseTwinsAsync(packages, cancellation).ConfigureAwait(false);
        var install = await RunAptAsync(packages, cancellation).ConfigureAwait(false);
        if (install.ExitCode != 0 && tree.Twins is not null && FailedPackages(install) is { Count: > 0 } failed)
            install = await RetryEmulatedAsync(failed, packages, cancellation).ConfigureAwait(false);
        pool?.Keep(tree.ArchivesFolder);
        if (install.ExitCode != 0)
            throw new W4bException(await ExplainAsync(install, cancellation).ConfigureAwait(false));
        if (locking is not null)
            await locking.UnpinAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<SandboxResult> RunAptAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var (total, done, told) = (0, 0, 0);
        return await tree.RunInsideAsync("apt-get", ["install", .. AptOptions, .. arguments], log, cancellation, onLine: line =>
        {
            if (NewlyInstalled().Match(line) is { Success: true } summary)
                total = int.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture) + int.Parse(summary.Groups[2].Value, CultureInfo.InvariantCulture);
            if (!line.StartsWith("Setting up ", StringComparison.Ordinal) || total == 0 || ++done * 10 / total == told)
                return;
            told = done * 10 / total;
            log.Info($"Packages: {done} of {total} set up.");
        }).ConfigureAwait(false);
    }

    // What the cache has of the packages' archives need not be downloaded.
    private async Task ProvideArchivesAsync(IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        var archives = locking is null ? await PlanAsync().ConfigureAwait(false) : await locking.PlanAsync(PlanAsync, cancellation).ConfigureAwait(false);
        pool?.Provide(archives ?? [], tree.ArchivesFolder);

        async Task<IReadOnlyList<PackageArchive>?> PlanAsync()
        {
            var lines = new List<string>();
            var result = await tree.RunInsideAsync("apt-get", ["install", .. PackageArchive.PrintOptions, .. AptOptions, .. packages], new QuietLog(log), cancellation, onLine: lines.Add)
                .ConfigureAwait(false);
            return result.ExitCode == 0 ? PackageArchive.Parse(lines) : null; // the installation fails too, and says why
        }
    }

    // The twins of the packages that are there and stay as they are; with the planned ones, if any.
    private async Task ChooseTwinsAsync(IReadOnlyList<string> planned, CancellationToken cancellation)
    {
        if (twins is null)
            return;
        var packages = await ListPackagesAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<string> changing = [];
        if (planned.Count > 0)
        {
            var plan = new List<string>();
            var simulation = await tree.RunInsideAsync("apt-get", ["install", "--simulate", .. AptOptions, .. planned], new QuietLog(log), cancellation, onLine: plan.Add)
                .ConfigureAwait(false);
            if (simulation.ExitCode != 0)
                return; // the installation fails too, and says why
            var after = PlannedPackages.After(packages, plan);
            changing = [.. packages.Select(p => p.Name).Except(after.Select(p => p.Name))];
            packages = after;
        }

        tree.Twins = await twins.ForTreeAsync(packages, changing, tree.RootFolder, cancellation).ConfigureAwait(false);
    }

    private async Task<SandboxResult> RetryEmulatedAsync(IReadOnlyList<string> failed, IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        log.Info($"Trying again without native twins, for this failed: {string.Join(' ', failed)}.");
        var used = tree.Twins;
        tree.Twins = null;
        await tree.RunInsideAsync("dpkg", ["--configure", "--pending", "--force-confold", "--force-unsafe-io"], log, cancellation).ConfigureAwait(false);
        var result = await RunAptAsync(["--fix-broken", .. packages], cancellation).ConfigureAwait(false);
        if (result.ExitCode == 0)
        {
            log.Warning(new Diagnostic(DiagnosticCode.TwinBroken, $"With native twins this failed, and emulated it succeeded: {string.Join(' ', failed)}."));
            tree.Twins = used;
        }

        return result;
    }

    private async Task<IReadOnlyList<Diagnostic>> ExplainAsync(SandboxResult install, CancellationToken cancellation)
    {
        var unknown = UnknownPackage().Matches(install.Output).Select(m => m.Groups["name"].Value).Distinct().ToList();
        if (unknown.Count == 0)
            return [new Diagnostic(DiagnosticCode.PackageInstallFailed, $"apt-get ended with exit code {install.ExitCode}: {AptOutput.Problem(install)}{tree.DescribeTwins(install)}")];
        var names = new List<string>();
        await RunAsync("apt-cache", ["pkgnames"], cancellation, names.Add).ConfigureAwait(false);
        return
        [
            .. unknown.Select(name => new Diagnostic(DiagnosticCode.PackageNotFound,
                Nearest.Of(name, names) is { } near ? $"No repository of the image has a package {name}; {near} is near." : $"No repository of the image has a package {name}.",
                places.GetValueOrDefault(name))),
        ];
    }

    private async Task GenerateLocalesAsync(IReadOnlyList<string> locales, CancellationToken cancellation)
        => await RunAsync("/bin/sh", ["-euc", """
            for locale; do
              if ! localedef --list-archive 2>/dev/null | grep -qix "$(echo "$locale" | sed 's/UTF-8/utf8/')"; then
                grep -q "^$locale UTF-8" /etc/locale.gen 2>/dev/null || echo "$locale UTF-8" >> /etc/locale.gen
                missing=1
              fi
            done
            if [ "${missing-}" ]; then locale-gen; fi
            """, "sh", .. locales], cancellation).ConfigureAwait(false);

    private async Task RunScriptAsync(string script, CancellationToken cancellation)
    {
        const string inTree = "w4b-script";
        log.Info($"Running {Path.GetFileName(script)}.");
        await ImageTree.RunOutsideAsync("/usr/bin/install", ["-m", "0755", script, Path.Combine(tree.RootFolder, inTree)], log, cancellation).ConfigureAwait(false);
        var result = await tree.RunInsideAsync("/" + inTree, [], log, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ScriptFailed.Error($"{Path.GetFileName(script)} ended with exit code {result.ExitCode}: {result.LastLine}{tree.DescribeTwins(result)}",
                new SourceLocation(script));
        await ImageTree.RunOutsideAsync("/bin/rm", [Path.Combine(tree.RootFolder, inTree)], log, cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync(string command, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null)
    {
        var result = await tree.RunInsideAsync(command, arguments, log, cancellation, onLine: onLine).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ChrootFailed.Error($"{command} ended with exit code {result.ExitCode}: {result.LastLine}{tree.DescribeTwins(result)}");
    }

    /// <summary>The packages that dpkg could not unpack or configure.</summary>
    internal static IReadOnlyList<string> FailedPackages(SandboxResult result)
        => [.. FailedPackage().Matches(result.Output).Select(m => m.Groups["name"].Value).Distinct()];

    [GeneratedRegex(@"^dpkg: error processing (?:package (?<name>[^ :]+)|archive (?:\S*/)?(?:[0-9]+-)?(?<name>[^/_ ]+)_)", RegexOptions.Multiline)]
    private static partial Regex FailedPackage();

    [GeneratedRegex(@"^(\d+) upgraded, (\d+) newly installed")]
    private static partial Regex NewlyInstalled();

    [GeneratedRegex(@"^E: (?:Unable to locate package (?<name>\S+)|Package '(?<name>[^']+)' has no installation candidate|Version '[^']*' for '(?<name>[^']+)' was not found|Couldn't find any package by glob '(?<name>[^']+)')", RegexOptions.Multiline)]
    private static partial Regex UnknownPackage();
}

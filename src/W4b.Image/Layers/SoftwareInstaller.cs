using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers;

/// <summary>Installs packages and runs scripts in a tree, and removes from it what only the build needed.</summary>
internal sealed partial class SoftwareInstaller(ImageTree tree, IReadOnlyDictionary<string, SourceLocation> places, IBuildLog log)
{
    private static readonly string[] AptOptions =
    [
        "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-unsafe-io",
        "-o", "Dpkg::Use-Pty=0", "-o", "APT::Color=0", "-o", "Acquire::Retries=3", "-o", "Acquire::Languages=none",
    ];

    /// <summary>Installs the packages, generates the locales and runs the scripts.</summary>
    public async Task ApplyAsync(SoftwareConfiguration software, CancellationToken cancellation)
    {
        var locales = software.Locales.Where(l => !l.StartsWith("C.", StringComparison.Ordinal)).ToList();
        var packages = locales.Count > 0 ? software.Packages.Append("locales").Distinct().ToList() : software.Packages;
        if (packages.Any(p => p.Contains("postgresql", StringComparison.Ordinal)))
            await LeaveClusterToDeviceAsync(cancellation).ConfigureAwait(false);
        if (packages.Count > 0)
            await InstallAsync(packages, cancellation).ConfigureAwait(false);
        if (locales.Count > 0)
            await GenerateLocalesAsync(locales, cancellation).ConfigureAwait(false);
        foreach (var script in software.Scripts)
            await RunScriptAsync(script, cancellation).ConfigureAwait(false);
    }

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
            throw DiagnosticCode.PackageInstallFailed.Error($"The package lists cannot be fetched (is the network there?): {Problem(update)}");

        var (total, done, told) = (0, 0, 0);
        var install = await tree.RunInsideAsync("apt-get", ["install", .. AptOptions, .. packages], log, cancellation, onLine: line =>
        {
            if (NewlyInstalled().Match(line) is { Success: true } summary)
                total = int.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture) + int.Parse(summary.Groups[2].Value, CultureInfo.InvariantCulture);
            if (!line.StartsWith("Setting up ", StringComparison.Ordinal) || total == 0 || ++done * 10 / total == told)
                return;
            told = done * 10 / total;
            log.Info($"Packages: {done} of {total} set up.");
        }).ConfigureAwait(false);
        if (install.ExitCode != 0)
            throw new W4bException(await ExplainAsync(install, cancellation).ConfigureAwait(false));
    }

    private async Task<IReadOnlyList<Diagnostic>> ExplainAsync(SandboxResult install, CancellationToken cancellation)
    {
        var unknown = UnknownPackage().Matches(install.Output).Select(m => m.Groups["name"].Value).Distinct().ToList();
        if (unknown.Count == 0)
            return [new Diagnostic(DiagnosticCode.PackageInstallFailed, $"apt-get ended with exit code {install.ExitCode}: {Problem(install)}")];
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
            throw DiagnosticCode.ScriptFailed.Error($"{Path.GetFileName(script)} ended with exit code {result.ExitCode}: {result.LastLine}", new SourceLocation(script));
        await ImageTree.RunOutsideAsync("/bin/rm", [Path.Combine(tree.RootFolder, inTree)], log, cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync(string command, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null)
    {
        var result = await tree.RunInsideAsync(command, arguments, log, cancellation, onLine: onLine).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ChrootFailed.Error($"{command} ended with exit code {result.ExitCode}: {result.LastLine}");
    }

    // apt's own errors begin with "E: "; the last line often only says that there were some.
    private static string Problem(SandboxResult result)
        => result.Output.Split('\n').FirstOrDefault(l => l.StartsWith("E: ", StringComparison.Ordinal)) ?? result.LastLine;

    [GeneratedRegex(@"^(\d+) upgraded, (\d+) newly installed")]
    private static partial Regex NewlyInstalled();

    [GeneratedRegex(@"^E: (?:Unable to locate package (?<name>\S+)|Package '(?<name>[^']+)' has no installation candidate|Version '[^']*' for '(?<name>[^']+)' was not found|Couldn't find any package by glob '(?<name>[^']+)')", RegexOptions.Multiline)]
    private static partial Regex UnknownPackage();
}

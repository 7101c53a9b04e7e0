using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Packages;

/// <summary>The packages of a target's repositories for some architecture, by an apt of their own: the host's is not touched, and nothing is emulated.</summary>
internal sealed class AptRepository
{
    private readonly string _folder;
    private readonly IBuildLog _log;

    private AptRepository(string folder, IBuildLog log) => (_folder, _log) = (folder, log);

    private string Archives => Path.Combine(_folder, "debs");

    /// <summary>Fetches the package lists.</summary>
    /// <param name="sources">Where the packages come from; the repository works in the folder of these.</param>
    /// <param name="architecture">Debian's name of the architecture.</param>
    /// <param name="log">Receives what apt says.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PackageInstallFailed"/>: a repository cannot be reached or is not
    /// signed as it should; <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static async Task<AptRepository> OpenAsync(AptSources sources, string architecture, IBuildLog log, CancellationToken cancellation)
    {
        var folder = sources.Folder;
        foreach (var path in new[] { "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "etc/apt/trusted.gpg.d",
            "var/lib/apt/lists/partial", "var/cache/apt", "debs/partial", "var/lib/dpkg" })
            Directory.CreateDirectory(Path.Combine(folder, path));
        // Without packages, unless the caller has put a target's list there.
        if (!File.Exists(Path.Combine(folder, "var/lib/dpkg/status")))
            File.WriteAllText(Path.Combine(folder, "var/lib/dpkg/status"), "");
        File.WriteAllText(Path.Combine(folder, "apt.conf"), $$"""
            Dir "{{folder}}";
            Dir::Cache::archives "{{folder}}/debs/";
            APT::Architecture "{{architecture}}";
            APT::Architectures { "{{architecture}}"; };
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::Retries "3";
            APT::Update::Error-Mode "any";

            """);
        var repository = new AptRepository(folder, log);
        await repository.RunAsync(HostTool.AptGet, ["update"], cancellation).ConfigureAwait(false);
        return repository;
    }

    /// <summary>All versions of these packages that there are.</summary>
    public async Task<IReadOnlyList<PackageStanza>> ShowAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var lines = new List<string>();
        // Its exit code is 100 when one of the names is unknown.
        await RunAsync(HostTool.AptCache, ["show", "--all-versions", "--", .. names], cancellation, lines.Add, failureIsAnAnswer: true).ConfigureAwait(false);
        return PackageStanza.Parse(lines);
    }

    /// <summary>What would be downloaded to install these packages where the list of installed ones has them not.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PackageInstallFailed"/>: there is no such package, for example.</exception>
    public async Task<IReadOnlyList<PackageArchive>> PlanAsync(IEnumerable<string> packages, CancellationToken cancellation)
    {
        var lines = new List<string>();
        await RunAsync(HostTool.AptGet, ["install", .. PackageArchive.PrintOptions, "--no-install-recommends", "--", .. packages], cancellation, lines.Add).ConfigureAwait(false);
        return PackageArchive.Parse(lines);
    }

    /// <summary>Downloads packages, as far as the pool does not have them, and returns their files.</summary>
    public async Task<IReadOnlyList<string>> DownloadAsync(IReadOnlyList<PackageStanza> packages, PackagePool pool, CancellationToken cancellation)
    {
        var lines = new List<string>();
        await RunAsync(HostTool.AptGet, ["download", .. PackageArchive.PrintOptions, "--", .. packages.Select(Versioned)], cancellation, lines.Add).ConfigureAwait(false);
        pool.Provide(PackageArchive.Parse(lines), Archives);
        var there = Files();
        if (packages.Where(p => !there.Contains(p.Name)).ToList() is { Count: > 0 } missing)
        {
            await RunAsync(HostTool.AptGet, ["download", "--", .. missing.Select(Versioned)], cancellation).ConfigureAwait(false);
            pool.Keep(Archives);
        }

        var files = Files();
        return [.. packages.SelectMany(p => files[p.Name])];

        static string Versioned(PackageStanza package) => $"{package.Name}={package.Version}";
    }

    /// <summary>Downloads what is needed to install these packages, as far as the pool does not have it, and keeps it there.</summary>
    public async Task DownloadAllAsync(IReadOnlyList<string> packages, PackagePool pool, CancellationToken cancellation)
    {
        if (pool.Provide(await PlanAsync(packages, cancellation).ConfigureAwait(false), Archives) == 0)
            return;
        await RunAsync(HostTool.AptGet, ["install", "--download-only", "-y", "--no-install-recommends", "--", .. packages], cancellation).ConfigureAwait(false);
        pool.Keep(Archives);
    }

    /// <summary>Moves what is downloaded into another folder.</summary>
    public void MoveArchives(string folder)
    {
        foreach (var file in Directory.GetFiles(Archives, "*.deb"))
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
    }

    private ILookup<string, string> Files() => Directory.GetFiles(Archives, "*.deb").ToLookup(f => Path.GetFileName(f).Split('_')[0]);

    private async Task RunAsync(HostTool tool, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null,
        bool failureIsAnAnswer = false)
    {
        var environment = ImageTree.ChrootEnvironment(new Dictionary<string, string> { ["APT_CONFIG"] = Path.Combine(_folder, "apt.conf") });
        var log = onLine is null ? _log : new QuietLog(_log);
        var result = await SandboxRunner.RunAsync(new SandboxOptions { Environment = environment, WorkingFolder = Archives },
            tool.Path, arguments, log, cancellation, onLine: onLine).ConfigureAwait(false);
        if (result.ExitCode != 0 && !failureIsAnAnswer)
            throw DiagnosticCode.PackageInstallFailed.Error($"{tool.Name} ended with exit code {result.ExitCode}: {result.LastLine}");
    }
}

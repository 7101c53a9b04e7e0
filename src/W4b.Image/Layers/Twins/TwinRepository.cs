using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Twins;

/// <summary>The packages of the target's repositories for the host's architecture, by an apt of their own: the host's is not touched.</summary>
internal sealed class TwinRepository
{
    /// <summary>Debian's name of the architecture that twins are of.</summary>
    public const string Architecture = "amd64";

    private readonly string _folder;
    private readonly IBuildLog _log;

    private TwinRepository(string folder, IBuildLog log) => (_folder, _log) = (folder, log);

    /// <summary>Fetches the package lists.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PackageInstallFailed"/>: a repository cannot be reached or is not
    /// signed as it should; <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static async Task<TwinRepository> OpenAsync(TwinSources sources, IBuildLog log, CancellationToken cancellation)
    {
        var folder = sources.Folder;
        foreach (var path in new[] { "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "etc/apt/trusted.gpg.d",
            "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/lib/dpkg", "debs" })
            Directory.CreateDirectory(Path.Combine(folder, path));
        File.WriteAllText(Path.Combine(folder, "var/lib/dpkg/status"), "");
        File.WriteAllText(Path.Combine(folder, "apt.conf"), $$"""
            Dir "{{folder}}";
            APT::Architecture "{{Architecture}}";
            APT::Architectures { "{{Architecture}}"; };
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::Retries "3";
            APT::Update::Error-Mode "any";

            """);
        var repository = new TwinRepository(folder, log);
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

    /// <summary>Downloads packages and returns their files.</summary>
    public async Task<IReadOnlyList<string>> DownloadAsync(IReadOnlyList<PackageStanza> packages, CancellationToken cancellation)
    {
        await RunAsync(HostTool.AptGet, ["download", "--", .. packages.Select(p => $"{p.Name}={p.Version}")], cancellation).ConfigureAwait(false);
        var files = Directory.GetFiles(Path.Combine(_folder, "debs"), "*.deb").ToLookup(f => Path.GetFileName(f).Split('_')[0]);
        return [.. packages.SelectMany(p => files[p.Name])];
    }

    private async Task RunAsync(HostTool tool, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null,
        bool failureIsAnAnswer = false)
    {
        var environment = ImageTree.ChrootEnvironment(new Dictionary<string, string> { ["APT_CONFIG"] = Path.Combine(_folder, "apt.conf") });
        var log = onLine is null ? _log : new QuietLog(_log);
        var result = await SandboxRunner.RunAsync(new SandboxOptions { Environment = environment, WorkingFolder = Path.Combine(_folder, "debs") },
            tool.Path, arguments, log, cancellation, onLine: onLine).ConfigureAwait(false);
        if (result.ExitCode != 0 && !failureIsAnAnswer)
            throw DiagnosticCode.PackageInstallFailed.Error($"{tool.Name} ended with exit code {result.ExitCode}: {result.LastLine}");
    }
}

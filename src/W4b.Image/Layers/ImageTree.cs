using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers;

/// <summary>What a tree holds.</summary>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Bytes">Their content in whole blocks of 4 KiB; hard links count once.</param>
internal sealed record TreeSize(long Entries, long Bytes);

/// <summary>
/// An image's files as folders of the host: the root file system and, apart from it, the boot partition's. The root belongs to
/// the user's subordinate ids, so all that touches it runs in the sandbox.
/// </summary>
internal sealed class ImageTree(string folder, Architecture architecture)
{
    private const int Block = 4096;
    private const string AptArchives = "/var/cache/apt/archives";

    /// <summary>The folder that holds all of it.</summary>
    public string Folder { get; } = folder;

    /// <summary>The root file system.</summary>
    public string RootFolder { get; } = Path.Combine(folder, "root");

    /// <summary>The boot partition's files.</summary>
    public string BootFolder { get; } = Path.Combine(folder, "boot");

    /// <summary>Room for the making of <see cref="Twins"/>; there only when it is used.</summary>
    public string TwinsWorkFolder { get; } = Path.Combine(folder, "twins");

    /// <summary>What stands for apt's folder of archives in the root while <see cref="KeepsArchives"/>: no package file is ever part of the tree.</summary>
    public string ArchivesFolder { get; } = Path.Combine(folder, "debs");

    /// <summary>Whether <see cref="ArchivesFolder"/> is mounted in the root.</summary>
    public bool KeepsArchives { get; init; }

    /// <summary>The architecture of the programs in it.</summary>
    public Architecture Architecture { get; } = architecture;

    /// <summary>Folder of native twins of the programs in it; null when all are emulated.</summary>
    public string? Twins { get; set; }

    /// <summary>Where the root mounts its boot partition.</summary>
    public string BootMountPoint { get; private set; } = "/boot/firmware";

    /// <summary>Makes the folder anew; what a killed build left there is removed first.</summary>
    public async Task CreateAsync(IBuildLog log, CancellationToken cancellation)
    {
        await DeleteAsync(log, cancellation).ConfigureAwait(false);
        foreach (var path in new[] { Folder, RootFolder, BootFolder, ArchivesFolder })
        {
            Directory.CreateDirectory(path);
            // Whatever the user's umask: this becomes the mode of the image's own root folder.
            File.SetUnixFileMode(path, PlanModes.PublicFolder);
        }
    }

    /// <summary>Removes all of it.</summary>
    public async Task DeleteAsync(IBuildLog log, CancellationToken cancellation)
    {
        if (Directory.Exists(Folder))
            await SandboxRunner.DeleteTreeAsync(Folder, log, cancellation).ConfigureAwait(false);
    }

    /// <summary>Fills the tree with the files of <paramref name="image"/>: owners, modes, times, hard links, extended attributes and all.</summary>
    public async Task FillAsync(string image, CardLayout card, IBuildLog log, CancellationToken cancellation)
    {
        log.Info($"Unpacking {Path.GetFileName(image)}.");
        using var ext4 = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        BootMountPoint = BootMount.Find(ext4);
        await RunOutsideAsync(HostTool.Bsdtar.Path, ["-x", "-p", "--numeric-owner", "--same-owner", "--xattrs", "--acls", "-f", "-", "-C", RootFolder],
            log, cancellation, (stream, token) => Ext4Tar.WriteAsync(ext4, stream, token)).ConfigureAwait(false);
        await new FatFileSystem(log, image, card.Boot.OffsetBytes, BuildEpoch.Current).ExtractAsync(BootFolder, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs a program of the tree with the tree as its root and the boot files mounted in it.</summary>
    public async Task<SandboxResult> RunInsideAsync(string command, IEnumerable<string> arguments, IBuildLog log, CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null)
        => await SandboxRunner.RunAsync(new SandboxOptions
        {
            Root = RootFolder,
            Architecture = Architecture,
            Twins = Twins,
            Binds = [new Bind(BootFolder, BootMountPoint), .. KeepsArchives ? [new Bind(ArchivesFolder, AptArchives)] : Array.Empty<Bind>()],
            Environment = ChrootEnvironment(environment),
        }, command, arguments, log, cancellation, onLine: onLine).ConfigureAwait(false);

    /// <summary>What a failure's message says after its reason: whether native twins may have had a part in it. Begins with a space.</summary>
    public string DescribeTwins(SandboxResult result)
        => Twins is null || result.LastProgram is not { } last ? ""
            : $" (The last program that was started, {last.Path}, was {(last.IsNative ? "a native twin" : "emulated")}; W4bNativeTwins=false emulates all.)";

    /// <summary>Runs a program of the host as root of the namespace, which sees the tree's owners as the image has them.</summary>
    public static async Task RunOutsideAsync(string command, IEnumerable<string> arguments, IBuildLog log, CancellationToken cancellation,
        Func<Stream, CancellationToken, Task>? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var result = await SandboxRunner.RunAsync(new SandboxOptions { Environment = With(HostEnvironment, environment) }, command, arguments, log, cancellation, input: input)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ChrootFailed.Error($"{Path.GetFileName(command)} ended with exit code {result.ExitCode}: {result.LastLine}");
    }

    /// <summary>Gives boot files that changed since <paramref name="changedSince"/> the time <paramref name="epoch"/>.</summary>
    public Task ClampBootTimesAsync(DateTimeOffset epoch, DateTimeOffset changedSince, IBuildLog log, CancellationToken cancellation)
        => RunOutsideAsync("/usr/bin/find",
            [BootFolder, "-newermt", "@" + Seconds(changedSince), "-exec", "touch", "-h", "-d", "@" + Seconds(epoch), "{}", "+"], log, cancellation);

    /// <summary>Counts what the root holds.</summary>
    public async Task<TreeSize> MeasureAsync(IBuildLog log, CancellationToken cancellation)
    {
        long entries = 0, bytes = 0;
        var seen = new HashSet<string>();
        var quiet = new QuietLog(log);
        var result = await SandboxRunner.RunAsync(new SandboxOptions { Environment = HostEnvironment }, "/usr/bin/find",
            [RootFolder, "-xdev", "-printf", "%i %y %s\\n"], quiet, cancellation, onLine: line =>
            {
                var fields = line.Split(' ');
                if (fields.Length != 3 || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                    return;
                entries++;
                if (seen.Add(fields[0]) && fields[1] is "f" or "d")
                    bytes += (size + Block - 1) / Block * Block;
            }).ConfigureAwait(false);
        return result.ExitCode == 0 ? new TreeSize(entries, bytes)
            : throw DiagnosticCode.ChrootFailed.Error($"find ended with exit code {result.ExitCode}: {result.LastLine}");
    }

    /// <summary>Makes an ext4 file system of the root's files inside <paramref name="image"/>.</summary>
    public Task MakeExt4Async(string image, long offset, Mke2fs fileSystem, IBuildLog log, CancellationToken cancellation)
        => RunOutsideAsync(HostTool.Mke2fs.Path, fileSystem.Arguments(image, offset, RootFolder), log, cancellation, environment: Mke2fs.Environment);

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> HostEnvironment => new()
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["TZ"] = "UTC",
    };

    // Nothing of the build's own environment gets in, so no secret and no setting of the host does; proxies must.
    public static Dictionary<string, string> ChrootEnvironment(IReadOnlyDictionary<string, string>? more = null)
    {
        var result = new Dictionary<string, string>(HostEnvironment)
        {
            ["HOME"] = "/root",
            ["DEBIAN_FRONTEND"] = "noninteractive",
            ["SOURCE_DATE_EPOCH"] = Seconds(BuildEpoch.Current),
        };
        foreach (var name in new[] { "http_proxy", "https_proxy", "no_proxy" })
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                result[name] = value;
        return With(result, more);
    }

    private static Dictionary<string, string> With(Dictionary<string, string> environment, IReadOnlyDictionary<string, string>? more)
    {
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
            environment[name] = value;
        return environment;
    }
}

using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Packages;

/// <summary>Where packages come from: files as in /etc/apt, and the folders of keys that they name.</summary>
/// <param name="Folder">The folder that stands for the root of those files: <c>etc/apt</c> and <c>usr/share/keyrings</c> are in it.</param>
/// <param name="Text">The files of sources, the text that decides what a repository is.</param>
internal sealed record AptSources(string Folder, string Text)
{
    /// <summary>The parts of Debian that a base is made of: raspi-firmware is not free software.</summary>
    public const string DebianComponents = "main,non-free-firmware";

    private static readonly Dictionary<string, string> TemporaryFolder = new() { ["TMPDIR"] = "/mnt" };
    private const string Keyrings = "/usr/share/keyrings";
    private static readonly string[] SourceFiles = ["sources.list", "sources.list.d"];
    private static readonly string[] Paths = ["etc/apt/sources.list", "etc/apt/sources.list.d", "etc/apt/trusted.gpg.d", "etc/apt/keyrings", "usr/share/keyrings"];
    private static readonly string[] KeyFolders = [Keyrings, "/etc/apt/keyrings"];

    /// <summary>The target's own sources and keys, copied to <paramref name="folder"/>: the tree belongs to other ids.</summary>
    public static async Task<AptSources> OfTreeAsync(string root, string folder, IBuildLog log, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", """
            cd "$1"
            rm -rf "$2/etc" "$2/usr"
            mkdir -p "$2/etc/apt" "$2/usr/share"
            to=$2
            shift 2
            for path; do
              if [ -e "$path" ]; then cp -r "$path" "$to/$path"; fi
            done
            chmod -R u+rwX,go+rX "$to/etc" "$to/usr"
            """, "sh", root, folder, .. Paths], log, cancellation).ConfigureAwait(false);
        return Adapt(folder);
    }

    /// <summary>The sources and keys of an image, copied to <paramref name="folder"/>.</summary>
    public static AptSources OfImage(Ext4FileSystem root, string folder)
    {
        foreach (var path in Paths.Where(p => root.Find("/" + p) is not null))
            foreach (var entry in root.Walk("/" + path).Where(e => root.Find(e.Path)?.Type == Ext4FileType.RegularFile))
            {
                var copy = Path.Combine(folder, entry.Path.TrimStart('/'));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.WriteAllBytes(copy, root.ReadAllBytes(entry.Path));
            }

        return Adapt(folder);
    }

    /// <summary>The sources that mmdebstrap takes for a base, as it says itself, with the host's keys of Debian.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.BaseBuildFailed"/>: mmdebstrap does not know the suite.</exception>
    public static async Task<AptSources> OfDebianAsync(DebianConfiguration configuration, string folder, IBuildLog log, CancellationToken cancellation)
    {
        var apt = Directory.CreateDirectory(Path.Combine(folder, "etc/apt")).FullName;
        string[] target = configuration.Mirror is { } mirror ? [configuration.Suite, "-", mirror] : [configuration.Suite, "-"];
        // The hook runs when the sources are written and before anything is downloaded; that it fails ends mmdebstrap there.
        var result = await SandboxRunner.RunAsync(new SandboxOptions { Binds = [new Bind(folder, "/mnt")], Environment = ImageTree.ChrootEnvironment(TemporaryFolder) },
            HostTool.Mmdebstrap.Path,
            [
                "--mode=root", "--format=null", "--variant=custom", "--skip=check/qemu", $"--components={DebianComponents}",
                "--setup-hook=cp \"$1\"/etc/apt/sources.list /mnt/etc/apt/; exit 1", .. target,
            ], new QuietLog(log), cancellation).ConfigureAwait(false);
        var file = Path.Combine(apt, "sources.list");
        if (!File.Exists(file))
            throw DiagnosticCode.BaseBuildFailed.Error($"mmdebstrap tells no package sources of {configuration.Suite}: {AptOutput.Problem(result)}");
        var key = Path.Combine(Keyrings, "debian-archive-keyring.gpg");
        var text = File.ReadAllText(file);
        // mmdebstrap names the key only where the host's own apt would not trust it.
        if (File.Exists(key))
            File.WriteAllText(file, text.Replace("deb http", $"deb [signed-by={key}] http", StringComparison.Ordinal));
        return new AptSources(folder, text);
    }

    // Keys are named by their full path, which is another here.
    private static AptSources Adapt(string folder)
    {
        var files = SourceFiles.Select(f => Path.Combine(folder, "etc/apt", f))
            .SelectMany(f => Directory.Exists(f) ? Directory.GetFiles(f).Order(StringComparer.Ordinal) : File.Exists(f) ? [f] : Enumerable.Empty<string>())
            .Where(f => new FileInfo(f).LinkTarget is null).ToList();
        var text = string.Join('\n', files.Select(File.ReadAllText));
        foreach (var file in files)
            File.WriteAllText(file, KeyFolders.Aggregate(File.ReadAllText(file), (t, keys) => t.Replace(keys + "/", folder + keys + "/", StringComparison.Ordinal)));
        return new AptSources(folder, text);
    }
}

using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Packages;

/// <summary>Where the twins' packages come from: files as in /etc/apt, and the folders of keys that they name.</summary>
/// <param name="Folder">The folder that stands for the root of those files: <c>etc/apt</c> and <c>usr/share/keyrings</c> are in it.</param>
/// <param name="Text">The files of sources, the text that decides what a repository is.</param>
internal sealed record AptSources(string Folder, string Text)
{
    private const string DefaultMirror = "http://deb.debian.org/debian";
    private const string SecurityMirror = "http://security.debian.org/debian-security";
    private const string Keyrings = "/usr/share/keyrings";
    private static readonly string[] SourceFiles = ["sources.list", "sources.list.d"];
    private static readonly string[] KeyFolders = [Keyrings, "/etc/apt/keyrings"];

    /// <summary>The target's own sources and keys, copied to <paramref name="folder"/>: the tree belongs to other ids.</summary>
    public static async Task<AptSources> OfTreeAsync(string root, string folder, IBuildLog log, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", """
            cd "$1"
            rm -rf "$2/etc" "$2/usr"
            mkdir -p "$2/etc/apt" "$2/usr/share"
            for path in etc/apt/sources.list etc/apt/sources.list.d etc/apt/trusted.gpg.d etc/apt/keyrings usr/share/keyrings; do
              if [ -e "$path" ]; then cp -r "$path" "$2/$path"; fi
            done
            chmod -R u+rwX,go+rX "$2/etc" "$2/usr"
            """, "sh", root, folder], log, cancellation).ConfigureAwait(false);
        var files = SourceFiles.Select(f => Path.Combine(folder, "etc/apt", f))
            .SelectMany(f => Directory.Exists(f) ? Directory.GetFiles(f).Order(StringComparer.Ordinal) : File.Exists(f) ? [f] : Enumerable.Empty<string>())
            .Where(f => new FileInfo(f).LinkTarget is null).ToList();
        var text = string.Join('\n', files.Select(File.ReadAllText));
        // Keys are named by their full path, which is another here.
        foreach (var file in files)
            File.WriteAllText(file, KeyFolders.Aggregate(File.ReadAllText(file), (t, keys) => t.Replace(keys + "/", folder + keys + "/", StringComparison.Ordinal)));
        return new AptSources(folder, text);
    }

    /// <summary>The sources that mmdebstrap takes for a suite, with the host's keys of Debian.</summary>
    public static AptSources OfDebian(DebianConfiguration configuration, string folder)
    {
        var key = Path.Combine(Keyrings, "debian-archive-keyring.gpg");
        var trusted = File.Exists(key) ? $" [signed-by={key}]" : "";
        string Line(string mirror, string suite) => $"deb{trusted} {mirror} {suite} main non-free-firmware\n";
        var text = Line(configuration.Mirror ?? DefaultMirror, configuration.Suite);
        // As mmdebstrap(1) has it: a mirror that is given stands alone, and what is not released has no updates.
        if (configuration.Mirror is null && configuration.Suite is not ("testing" or "unstable" or "sid"))
            text += Line(DefaultMirror, configuration.Suite + "-updates") + Line(SecurityMirror, configuration.Suite + "-security");
        Directory.CreateDirectory(Path.Combine(folder, "etc/apt"));
        File.WriteAllText(Path.Combine(folder, "etc/apt/sources.list"), text);
        return new AptSources(folder, text);
    }
}

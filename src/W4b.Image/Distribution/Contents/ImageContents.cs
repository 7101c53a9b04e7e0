using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Tools;

namespace W4b.Image.Distribution.Contents;

/// <summary>What is in an image, as its own files tell.</summary>
/// <param name="DistributionId">ID of its os-release, e.g. <c>debian</c>.</param>
/// <param name="DistributionVersion">VERSION_ID of its os-release, e.g. <c>13</c>; empty when it has none.</param>
/// <param name="DistributionName">PRETTY_NAME of its os-release.</param>
/// <param name="Packages">The installed Debian packages, by name.</param>
/// <param name="Python">Python packages that are no Debian packages, by name.</param>
/// <param name="Folders">Every folder down to the third level, by path.</param>
/// <param name="PackageSizes">The installed packages' sizes, by name.</param>
public sealed record ImageContents(string DistributionId, string DistributionVersion, string DistributionName, IReadOnlyList<DebianPackage> Packages,
    IReadOnlyList<PythonPackage> Python, IReadOnlyList<FolderSize> Folders, IReadOnlyList<PackageSize> PackageSizes)
{
    private const int Levels = 3;
    private const string BootFolder = "/boot/firmware";
    private const string Status = "/var/lib/dpkg/status";
    private const string Lists = "/var/lib/dpkg/info";

    private static readonly string[] s_mergedFolders = ["/bin", "/sbin", "/lib"];

    /// <summary>Reads a raw image.</summary>
    /// <exception cref="W4bException">The image's partitions or file systems cannot be read.</exception>
    public static Task<ImageContents> ReadAsync(string imagePath, CancellationToken cancellation) => OwnThread.Run(() =>
    {
        using var card = CardImage.Open(imagePath);
        return Read(card.Ext4, card.Fat.Nodes, cancellation);
    }, cancellation);

    private static ImageContents Read(Ext4FileSystem root, IReadOnlyList<FatNode> boot, CancellationToken cancellation)
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        var python = new List<PythonPackage>();
        var counted = new HashSet<uint>();
        foreach (var entry in root.Walk())
        {
            cancellation.ThrowIfCancellationRequested();
            if (entry.Type != Ext4FileType.RegularFile)
                continue;
            files[entry.Path] = entry.LinkCount == 1 || counted.Add(entry.Inode) ? entry.Size : 0;
            // Debian's own Python packages are Debian packages.
            if (entry.Path.EndsWith(".dist-info/METADATA", StringComparison.Ordinal) && !entry.Path.StartsWith("/usr/lib/python3/", StringComparison.Ordinal)
                && PythonPackage.Parse(root.ReadAllText(entry.Path)) is { } package)
                python.Add(package);
        }

        var system = OsRelease(Read(root, "/etc/os-release"));
        return new ImageContents(system.GetValueOrDefault("ID", "linux"), system.GetValueOrDefault("VERSION_ID", ""),
            system.GetValueOrDefault("PRETTY_NAME", "Linux"), DebianPackage.Parse(Read(root, Status)),
            [.. python.Distinct().OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Version, StringComparer.Ordinal)],
            FolderSizes(files.Concat(boot.Where(f => !f.IsFolder).Select(f => KeyValuePair.Create($"{BootFolder}/{f.Path}", f.Size)))), SizesOfPackages(root, files));
    }

    /// <summary>The sums of all files below each folder, down to the third level.</summary>
    internal static IReadOnlyList<FolderSize> FolderSizes(IEnumerable<KeyValuePair<string, long>> files)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (path, bytes) in files)
        {
            var end = 0;
            for (var level = 0; level < Levels && (end = path.IndexOf('/', end + 1)) > 0; level++)
                sums[path[..end]] = sums.GetValueOrDefault(path[..end]) + bytes;
        }

        return [.. sums.Select(s => new FolderSize(s.Key, s.Value))];
    }

    private static List<PackageSize> SizesOfPackages(Ext4FileSystem root, Dictionary<string, long> files)
    {
        // The lists name /bin/x where the file is /usr/bin/x.
        var merged = s_mergedFolders.Where(f => root.Find(f, followLinks: false)?.Type == Ext4FileType.SymbolicLink).Select(f => f + "/").ToList();
        var sizes = new List<PackageSize>();
        foreach (var list in files.Keys.Where(f => f.StartsWith(Lists + "/", StringComparison.Ordinal) && f.EndsWith(".list", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var bytes = root.ReadAllText(list).Split('\n')
                .Sum(path => files.GetValueOrDefault(merged.Any(m => path.StartsWith(m, StringComparison.Ordinal)) ? "/usr" + path : path));
            sizes.Add(new PackageSize(Path.GetFileNameWithoutExtension(list).Split(':')[0], bytes));
        }

        return sizes;
    }

    private static string Read(Ext4FileSystem root, string path) => root.Find(path) is null ? "" : root.ReadAllText(path);

    private static Dictionary<string, string> OsRelease(string text)
        => text.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last()[1].Trim('"'), StringComparer.Ordinal);
}

using W4b.Image.Compression;
using W4b.Image.Disk;

namespace W4b.Image.Layers;

/// <summary>
/// Where the archive's blocks are small. Where hives mostly differ from their layer (the file systems' heads, /etc, the lists of some folders,
/// where new files and their content go), so that a hive pays for little that did not change; and where a verification looks that reads
/// only what it needs. It depends on the image alone, so that equal images have equal archives.
/// </summary>
internal static class FinePlaces
{
    // Superblock, group descriptors and bitmaps.
    private const long Head = 1L << 20;

    // What a hive adds, in bytes: about a hundred small files, and as many inodes. In its own image the first free place is behind that.
    private const long Added = 256 * 1024;

    // What hives write, and rules read, on the boot partition is texts.
    private const long LargestText = 64 * 1024;

    // Folders in which hives make entries, beside /etc with all that is in it.
    private static readonly string[] s_edited =
        ["/", "/home", "/root", "/opt", "/usr/bin", "/usr/lib", "/usr/lib/systemd/system", "/usr/local/bin", "/var/lib", "/var/backups"];

    // What is read to find the programs of units, the time zone and the packages: see Validation/Rules/CardRules.cs, which has it decoded ahead.
    private static readonly string[] s_read =
    [
        "/usr", "/usr/sbin", "/usr/share", "/usr/share/zoneinfo", "/usr/lib/aarch64-linux-gnu", "/usr/lib/arm-linux-gnueabihf", "/usr/lib/systemd", "/usr/lib/udev",
        "/usr/libexec", "/usr/local", "/var", "/var/lib/dpkg", "/var/lib/dpkg/status",
    ];

    /// <summary>Offsets in the image, in bytes; each stands for the block around it.</summary>
    public static IReadOnlyList<long> Of(string image)
    {
        var card = CardLayout.Read(image);
        return [.. OfBoot(image, card), .. OfRoot(image, card)];
    }

    private static IEnumerable<long> OfBoot(string image, CardLayout card)
    {
        using var reader = new RawImageReader(image);
        var boot = new FatReader(reader, card.Boot.OffsetBytes);
        var used = boot.UsedRanges();
        var texts = boot.Nodes.Where(n => !n.IsFolder && n.Size <= LargestText && !n.Path.Contains('/', StringComparison.Ordinal));
        // mtools writes behind the last cluster that is in use, and leaves a gap where a text was: there the layer has the text.
        var gaps = used.Zip(used.Skip(1)).Where(pair => pair.Second.Start - pair.First.End <= LargestText).SelectMany(pair => Range(card.Boot.OffsetBytes + pair.First.End, pair.Second.Start - pair.First.End));
        return
        [
            .. Range(card.Boot.OffsetBytes, boot.DataOffset), .. boot.PlacesOf(boot.Nodes[0]), .. texts.SelectMany(boot.PlacesOf), .. gaps,
            .. Around(card.Boot.OffsetBytes + used[^1].End),
        ];
    }

    private static List<long> OfRoot(string image, CardLayout card)
    {
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        List<long> places = [.. Range(card.Root.OffsetBytes, Head), .. Around(root.FirstFreePlace()), .. Around(root.FirstFreeInodePlace())];
        foreach (var path in s_edited.Concat(s_read))
            if (root.Find(path, followLinks: false) is { Type: Ext4FileType.Directory or Ext4FileType.RegularFile } entry)
                places.AddRange(root.PlacesOf(entry));
        if (root.Find("/etc", followLinks: false) is not null)
            foreach (var entry in root.Walk("/etc"))
                places.AddRange(root.PlacesOf(entry));
        return places;
    }

    private static IEnumerable<long> Around(long? place) => place is { } known ? Range(Math.Max(0, known - Added), 2 * Added) : [];

    private static IEnumerable<long> Range(long start, long length)
    {
        for (var offset = start; offset < start + length; offset += XzCompressor.FineBlockSize)
            yield return offset;
    }
}

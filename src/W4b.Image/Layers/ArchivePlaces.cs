using W4b.Image.Compression;
using W4b.Image.Disk;

namespace W4b.Image.Layers;

/// <summary>
/// Where the archive's blocks are of another size. They are small where hives mostly differ from their layer (the file systems' heads, /etc, the lists of some folders,
/// where new files and their content go), so that a hive pays for little that did not change; and where a verification looks that reads
/// only what it needs. They are large where large files resemble each other and hives never write: within a block each is found again in the next.
/// It depends on the image alone, so that equal images have equal archives.
/// </summary>
internal static class ArchivePlaces
{
    // Superblock, group descriptors and bitmaps.
    private const long Head = 1L << 20;

    // What a hive adds, in bytes: about a hundred small files, and as many inodes. In its own image the first free place is behind that: so what is small around
    // it begins and ends at multiples of more than that, and mostly is the same in both.
    private const long Added = 256 * 1024;
    private const long Grid = 4 * Added;

    // What hives write, and rules read, on the boot partition is texts.
    private const long LargestText = 64 * 1024;

    // The variants of the Pi's boot loader are much alike, here and on the boot partition; so are those of a radio's firmware, and a program's texts in all languages.
    private static readonly string[] s_alike = ["/usr/lib/raspi-firmware", "/usr/lib/firmware", "/usr/share/locale"];
    private const string BootLoader = ".elf";

    // Between files that are alike others may stand: so many bytes of them do not matter.
    private const long Gap = 1L << 20;

    // Folders in which hives make entries, beside /etc with all that is in it.
    private static readonly string[] s_edited =
        ["/", "/home", "/root", "/opt", "/usr/bin", "/usr/lib", "/usr/lib/systemd/system", "/usr/local/bin", "/var/lib", "/var/backups"];

    // What is read to find the programs of units, the time zone and the packages: see Validation/Rules/CardRules.cs, which has it decoded ahead.
    private static readonly string[] s_read =
    [
        "/usr", "/usr/sbin", "/usr/share", "/usr/share/zoneinfo", "/usr/lib/aarch64-linux-gnu", "/usr/lib/arm-linux-gnueabihf", "/usr/lib/systemd", "/usr/lib/udev",
        "/usr/libexec", "/usr/local", "/var", "/var/lib/dpkg", "/var/lib/dpkg/status",
    ];

    /// <summary>The places in an image.</summary>
    public static BlockPlaces Of(string image)
    {
        var card = CardLayout.Read(image);
        List<long> fine = [], alike = [];
        AddBoot(image, card, fine, alike);
        AddRoot(image, card, fine, alike);
        return new BlockPlaces(fine, Ranges(alike));
    }

    private static void AddBoot(string image, CardLayout card, List<long> fine, List<long> alike)
    {
        using var reader = new RawImageReader(image);
        var boot = new FatReader(reader, card.Boot.OffsetBytes);
        var used = boot.UsedRanges();
        var texts = boot.Nodes.Where(n => !n.IsFolder && n.Size <= LargestText && !n.Path.Contains('/', StringComparison.Ordinal));
        // mtools writes behind the last cluster that is in use, and leaves a gap where a text was: there the layer has the text.
        var gaps = used.Zip(used.Skip(1)).Where(pair => pair.Second.Start - pair.First.End <= LargestText).SelectMany(pair => Range(card.Boot.OffsetBytes + pair.First.End, pair.Second.Start - pair.First.End));
        fine.AddRange([
            .. Range(card.Boot.OffsetBytes, boot.DataOffset), .. boot.PlacesOf(boot.Nodes[0]), .. texts.SelectMany(boot.PlacesOf), .. gaps,
            .. Around(card.Boot.OffsetBytes + used[^1].End),
        ]);
        alike.AddRange(boot.Nodes.Where(n => n.Path.EndsWith(BootLoader, StringComparison.OrdinalIgnoreCase)).SelectMany(boot.PlacesOf));
    }

    private static void AddRoot(string image, CardLayout card, List<long> fine, List<long> alike)
    {
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        fine.AddRange([.. Range(card.Root.OffsetBytes, Head), .. Around(root.FirstFreePlace()), .. Around(root.FirstFreeInodePlace())]);
        foreach (var path in s_edited.Concat(s_read))
            if (root.Find(path, followLinks: false) is { Type: Ext4FileType.Directory or Ext4FileType.RegularFile } entry)
                fine.AddRange(root.PlacesOf(entry));
        fine.AddRange(PlacesUnder(root, "/etc"));
        alike.AddRange(s_alike.SelectMany(folder => PlacesUnder(root, folder)));
    }

    private static IEnumerable<long> PlacesUnder(Ext4FileSystem root, string folder)
        => root.Find(folder, followLinks: false) is { Type: Ext4FileType.Directory } ? root.Walk(folder).SelectMany(root.PlacesOf) : [];

    // Runs that are longer than a block: others gain nothing.
    private static List<ByteRange> Ranges(List<long> places)
    {
        var ranges = new List<ByteRange>();
        foreach (var place in places.Order())
            if (ranges.Count > 0 && place - ranges[^1].End <= Gap)
                ranges[^1] = ranges[^1] with { End = place };
            else
                ranges.Add(new ByteRange(place, place));
        return ranges.FindAll(r => r.End - r.Start > XzCompressor.BlockSize);
    }

    internal static IEnumerable<long> Around(long? place)
    {
        if (place is not { } known)
            return [];
        var start = Math.Max(0, known - Added) / Grid * Grid;
        return Range(start, (known + Added - start + Grid - 1) / Grid * Grid);
    }

    private static IEnumerable<long> Range(long start, long length)
    {
        for (var offset = start - start % XzCompressor.FineBlockSize; offset < start + length; offset += XzCompressor.FineBlockSize)
            yield return offset;
    }
}

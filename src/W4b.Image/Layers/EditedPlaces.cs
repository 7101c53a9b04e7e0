using W4b.Image.Compression;
using W4b.Image.Disk;

namespace W4b.Image.Layers;

/// <summary>
/// Where hives mostly differ from their layer: the file system's head, /etc, the lists of some folders, and where new files and their content go. There
/// the archive's blocks are small, so that a hive pays for little that did not change. It depends on the image alone, so that
/// equal images have equal archives.
/// </summary>
internal static class EditedPlaces
{
    // Superblock, group descriptors and bitmaps.
    private const long Head = 1L << 20;

    // Folders in which hives make entries, beside /etc with all that is in it.
    private static readonly string[] Folders =
        ["/", "/home", "/root", "/opt", "/usr/bin", "/usr/lib", "/usr/lib/systemd/system", "/usr/local/bin", "/var/lib", "/var/backups"];

    /// <summary>Offsets in the image, in bytes; each stands for the block around it.</summary>
    public static IReadOnlyList<long> Of(string image)
    {
        var card = CardLayout.Read(image);
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        var places = new List<long>();
        for (var offset = card.Root.OffsetBytes; offset < card.Root.OffsetBytes + Head; offset += XzCompressor.FineBlockSize)
            places.Add(offset);
        if (root.FirstFreePlace() is { } free)
            places.Add(free);
        if (root.FirstFreeInodePlace() is { } inode)
            places.Add(inode);
        foreach (var folder in Folders.Where(f => root.Find(f, followLinks: false)?.Type == Ext4FileType.Directory))
            places.AddRange(root.PlacesOf(root.Stat(folder)));
        if (root.Find("/etc", followLinks: false) is not null)
            foreach (var entry in root.Walk("/etc"))
                places.AddRange(root.PlacesOf(entry));
        return places;
    }
}

using System.Buffers.Binary;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>
/// The two partitions of a Raspberry Pi card: FAT with firmware and kernel, ext4 with the root file system. They are
/// found by what they hold, at whatever sector they start.
/// </summary>
/// <param name="Table">The partition table they stand in.</param>
/// <param name="Boot">The FAT partition.</param>
/// <param name="Root">The ext4 partition.</param>
public sealed record CardLayout(PartitionTable Table, Partition Boot, Partition Root)
{
    /// <summary>What <see cref="Identify"/> calls an ext4 file system.</summary>
    internal const string Ext4 = "ext4";

    /// <summary>What <see cref="Identify"/> calls a FAT file system.</summary>
    internal const string Fat = "FAT";

    private const int Ext4MagicOffset = 1024 + 0x38;

    /// <summary>The disk signature.</summary>
    public uint DiskId => Table.DiskId;

    /// <summary>The PARTUUID of the boot partition.</summary>
    public string BootPartUuid => Table.PartUuid(Boot.Number);

    /// <summary>The PARTUUID of the root partition.</summary>
    public string RootPartUuid => Table.PartUuid(Root.Number);

    /// <summary>Reads the layout of an image.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> unless the image has exactly one FAT
    /// and one ext4 partition; <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static CardLayout Read(string imagePath)
    {
        using var image = new RawImageReader(imagePath);
        return Read(image);
    }

    /// <inheritdoc cref="Read(string)"/>
    public static CardLayout Read(ImageReader image)
    {
        var table = PartitionTable.Read(image);
        var found = table.Partitions.Select(p => (Partition: p, Content: Identify(image, p))).ToList();
        if (found.Count == 2
            && found.FirstOrDefault(f => f.Content == Fat).Partition is { } boot
            && found.FirstOrDefault(f => f.Content == Ext4).Partition is { } root)
            return new CardLayout(table, boot, root);

        var contents = string.Join(", ", found.Select(f => $"{f.Partition.Number}: {f.Content} (type 0x{f.Partition.Type:x2})"));
        throw DiagnosticCode.UnsupportedLayout.Error($"{image.Name} has these partitions: {contents}.");
    }

    /// <summary>What a partition holds, in words for a message.</summary>
    internal static string Identify(ImageReader image, Partition partition)
    {
        var start = new byte[Ext4MagicOffset + 2];
        var want = (int)Math.Min(start.Length, partition.LengthBytes);
        var got = image.Read(partition.OffsetBytes, start.AsSpan(0, want));
        // An ext4 file system leaves its first 1024 bytes alone, where a former FAT's boot sector may have survived: ext4 first.
        if (got == start.Length && BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(Ext4MagicOffset)) == 0xEF53)
            return Ext4;
        return FatBootSector.TryParse(start.AsSpan(0, got)) is null ? "an unknown content" : Fat;
    }
}

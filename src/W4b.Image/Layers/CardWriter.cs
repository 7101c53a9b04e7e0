using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers;

/// <summary>How a card is laid out: what a new image keeps of the one it was made from.</summary>
/// <param name="DiskId">MBR disk id; with a partition's number it is the PARTUUID in fstab and cmdline.txt.</param>
/// <param name="BootNumber">Number of the boot partition, 1 to 4.</param>
/// <param name="BootStart">First sector of the boot partition.</param>
/// <param name="BootSectors">Its size in sectors; it grows when its files need more.</param>
/// <param name="BootLabel">Its FAT label.</param>
/// <param name="BootVolumeId">Its FAT volume id.</param>
/// <param name="RootNumber">Number of the root partition, 1 to 4.</param>
/// <param name="RootStart">First sector of the root partition; it moves when the boot partition grows.</param>
/// <param name="RootLabel">Its ext4 label.</param>
/// <param name="RootUuid">Its ext4 UUID.</param>
internal sealed record CardSpecification(uint DiskId, int BootNumber, long BootStart, long BootSectors, string BootLabel, uint BootVolumeId,
    int RootNumber, long RootStart, string RootLabel, Guid RootUuid)
{
    /// <summary>The layout of Raspberry Pi OS since 2025-03-13: partitions on 8 MiB borders, a boot partition of 512 MiB.</summary>
    public static CardSpecification RaspberryPiOs(uint diskId, Guid rootUuid)
        => new(diskId, 1, 16384, 1048576, "bootfs", diskId, 2, 1064960, "rootfs", rootUuid);

    /// <summary>PARTUUID of the boot partition.</summary>
    public string BootPartUuid => PartUuid(BootNumber);

    /// <summary>PARTUUID of the root partition.</summary>
    public string RootPartUuid => PartUuid(RootNumber);

    private string PartUuid(int number) => string.Create(CultureInfo.InvariantCulture, $"{DiskId:x8}-{number:x2}");
}

/// <summary>Writes a tree and its boot folder as a new card image of the size that they need.</summary>
internal static class CardWriter
{
    private const int Sector = PartitionTable.SectorSize;
    private const int Block = 4096;
    private const long Mebibyte = 1024 * 1024;
    private const long Chunk = 4 * Mebibyte;
    private const long JournalBytes = 64 * Mebibyte;

    /// <summary>
    /// Writes <paramref name="image"/>: used space + 10 % + 256 MiB, rounded up to 4 MiB, or <paramref name="minimumBytes"/> when
    /// that is more. Times of what changed since <paramref name="changedSince"/> become <paramref name="epoch"/>: equal trees give
    /// equal bytes.
    /// </summary>
    public static async Task WriteAsync(ImageTree tree, CardSpecification card, string image, long minimumBytes, DateTimeOffset epoch,
        DateTimeOffset changedSince, IBuildLog log, CancellationToken cancellation)
    {
        await tree.ClampBootTimesAsync(epoch, changedSince, log, cancellation).ConfigureAwait(false);
        var used = await tree.MeasureAsync(log, cancellation).ConfigureAwait(false);
        var layout = Plan(card, used, BootBytes(tree.BootFolder), minimumBytes);
        log.Info($"Writing an image of {layout.Length / Mebibyte} MiB for {used.Entries} files and folders.");

        SparseFile.Create(image, layout.Length);
        layout.Table.WriteTo(image);
        var boot = layout.Table.Partitions.Single(p => p.Number == card.BootNumber);
        var root = layout.Table.Partitions.Single(p => p.Number == card.RootNumber);

        var fat = new FatFileSystem(log, image, boot.OffsetBytes, epoch);
        await fat.CreateAsync(card.BootLabel, card.BootVolumeId, boot.LengthBytes, cancellation).ConfigureAwait(false);
        await fat.PopulateAsync(tree.BootFolder, cancellation).ConfigureAwait(false);

        var fileSystem = new Mke2fs(root.LengthBytes, card.RootUuid, card.RootLabel);
        await tree.MakeExt4Async(image, root.OffsetBytes, fileSystem, log, cancellation).ConfigureAwait(false);
        using var ext4 = Ext4FileSystem.Open(image, root.OffsetBytes, writable: true, epoch);
        // mke2fs takes all from the tree but its top folder.
        ext4.SetAttributes("/", PlanModes.PublicFolder, 0, 0);
        ext4.NormalizeTimes(epoch, changedSince);
    }

    private static (PartitionTable Table, long Length) Plan(CardSpecification card, TreeSize used, long bootBytes, long minimumBytes)
    {
        // A FAT needs room for its tables and half-filled clusters.
        var bootSectors = Math.Max(card.BootSectors, RoundUp(bootBytes + bootBytes / 10 + 16 * Mebibyte, Chunk) / Sector);
        var rootStart = Math.Max(card.RootStart, card.BootStart + bootSectors);
        var content = used.Bytes + used.Entries * 256 + JournalBytes;
        var needed = rootStart * Sector + content + content / 10 + 256 * Mebibyte;
        var length = RoundUp(Math.Max(needed, minimumBytes), Chunk);
        var table = new PartitionTable(card.DiskId,
        [
            new Partition(card.BootNumber, Partition.Fat32Lba, false, card.BootStart, bootSectors),
            new Partition(card.RootNumber, Partition.Linux, false, rootStart, length / Sector - rootStart),
        ]);
        return (table, length);
    }

    private static long BootBytes(string folder)
        => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => RoundUp(f.Length, Block));

    private static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;
}

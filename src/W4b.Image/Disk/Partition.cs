namespace W4b.Image.Disk;

/// <summary>A primary partition as the MBR describes it.</summary>
/// <param name="Number">The entry's place in the table, 1 to 4.</param>
/// <param name="Type">The type byte, e.g. 0x0C (FAT32, LBA) or 0x83 (Linux).</param>
/// <param name="Bootable">Whether the entry is marked active.</param>
/// <param name="StartSector">The first sector, in sectors of 512 bytes; fits 32 bits, at least 1.</param>
/// <param name="SectorCount">The length in sectors of 512 bytes; fits 32 bits, at least 1.</param>
public sealed record Partition(int Number, byte Type, bool Bootable, long StartSector, long SectorCount)
{
    /// <summary>Type of a FAT32 partition addressed by sector number.</summary>
    public const byte Fat32Lba = 0x0C;

    /// <summary>Type of a partition with a Linux file system.</summary>
    public const byte Linux = 0x83;

    /// <summary>Where the partition begins in the image, in bytes.</summary>
    public long OffsetBytes => StartSector * PartitionTable.SectorSize;

    /// <summary>The partition's length in bytes.</summary>
    public long LengthBytes => SectorCount * PartitionTable.SectorSize;

    /// <summary>The first sector after the partition.</summary>
    public long EndSector => StartSector + SectorCount;
}

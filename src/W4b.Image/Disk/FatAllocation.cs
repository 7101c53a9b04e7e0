using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace W4b.Image.Disk;

/// <summary>Which bytes of a FAT file system are in use, by its own allocation table.</summary>
internal static class FatAllocation
{
    // Microsoft's "FAT32 File System Specification" 1.03, "FAT Type Determination": the number of clusters decides.
    private const long LeastClustersOfFat16 = 4085;
    private const long LeastClustersOfFat32 = 65525;
    private const int FirstCluster = 2;
    private const uint Fat32Mask = 0x0FFF_FFFF; // the upper four bits are reserved

    /// <summary>
    /// Ranges in bytes from the file system's start, ascending: boot sectors, both tables, the root folder, every cluster that the table
    /// does not call free. Null when it cannot be told: no FAT, one of 12 bits, or one that contradicts itself.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="offset">Where the file system begins, in bytes.</param>
    /// <param name="length">The room it has, in bytes.</param>
    public static IReadOnlyList<ByteRange>? UsedRanges(SafeFileHandle image, long offset, long length)
    {
        var sector = new byte[PartitionTable.SectorSize];
        if (RandomAccess.Read(image, sector, offset) < sector.Length || FatBootSector.TryParse(sector) is not { } boot || boot.LengthBytes > length)
            return null;
        long U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(sector.AsSpan(at));
        var bytesPerSector = U16(11);
        var tableSectors = U16(22) is > 0 and var small ? small : BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(36));
        var rootSectors = (U16(17) * 32 + bytesPerSector - 1) / bytesPerSector;
        var tableStart = U16(14) * bytesPerSector;
        var dataStart = tableStart + sector[16] * tableSectors * bytesPerSector + rootSectors * bytesPerSector;
        var clusters = (boot.LengthBytes - dataStart) / boot.ClusterBytes;
        var entrySize = clusters >= LeastClustersOfFat32 ? 4 : 2;
        if (clusters < LeastClustersOfFat16 || boot.IsFat32 != (entrySize == 4) || (clusters + FirstCluster) * entrySize > tableSectors * bytesPerSector)
            return null;

        var table = new byte[(clusters + FirstCluster) * entrySize];
        if (!ReadWhole(image, table, offset + tableStart))
            return null;
        var ranges = new List<ByteRange> { new(0, dataStart) };
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var entry = table.AsSpan((cluster + FirstCluster) * entrySize);
            var free = entrySize == 4 ? (BinaryPrimitives.ReadUInt32LittleEndian(entry) & Fat32Mask) == 0 : BinaryPrimitives.ReadUInt16LittleEndian(entry) == 0;
            if (free)
                continue;
            var start = dataStart + (long)cluster * boot.ClusterBytes;
            if (ranges[^1].End == start)
                ranges[^1] = ranges[^1] with { End = start + boot.ClusterBytes };
            else
                ranges.Add(new ByteRange(start, start + boot.ClusterBytes));
        }

        // What follows the last whole cluster belongs to nobody.
        return ranges;
    }

    private static bool ReadWhole(SafeFileHandle image, Memory<byte> buffer, long position)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var got = RandomAccess.Read(image, buffer.Span[done..], position + done);
            if (got == 0)
                return false;
            done += got;
        }

        return true;
    }
}

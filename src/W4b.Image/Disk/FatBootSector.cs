using System.Buffers.Binary;
using System.Text;

namespace W4b.Image.Disk;

/// <summary>What the boot sector of a FAT16 or FAT32 file system says (Microsoft's "FAT32 File System Specification" 1.03).</summary>
/// <param name="Label">The volume label without padding; "NO NAME" when it has none.</param>
/// <param name="VolumeId">The volume's serial number.</param>
/// <param name="IsFat32">FAT32 rather than FAT12 or FAT16.</param>
/// <param name="LengthBytes">The length of the file system in bytes.</param>
/// <param name="ClusterBytes">The unit of allocation in bytes.</param>
public sealed record FatBootSector(string Label, uint VolumeId, bool IsFat32, long LengthBytes, int ClusterBytes)
{
    /// <summary>The volume's serial number the way Linux names it, as in <c>UUID=1234-ABCD</c>.</summary>
    public string Uuid => $"{VolumeId >> 16:X4}-{VolumeId & 0xFFFF:X4}";

    /// <summary>Parses a boot sector; null when these bytes are none.</summary>
    /// <param name="sector">The file system's first 512 bytes or more.</param>
    public static FatBootSector? TryParse(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < 512 || sector[510] != 0x55 || sector[511] != 0xAA || sector[0] is not (0xEB or 0xE9))
            return null;
        var bytesPerSector = BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]);
        var sectorsPerCluster = sector[13];
        var tables = sector[16];
        if (bytesPerSector is not (512 or 1024 or 2048 or 4096)
            || !int.IsPow2(sectorsPerCluster) || tables is not (1 or 2))
            return null;

        var isFat32 = BinaryPrimitives.ReadUInt16LittleEndian(sector[22..]) == 0;
        var extended = sector[(isFat32 ? 66 : 38)..];
        if (extended[0] != 0x29)
            return null;
        long sectors = BinaryPrimitives.ReadUInt16LittleEndian(sector[19..]);
        if (sectors == 0)
            sectors = BinaryPrimitives.ReadUInt32LittleEndian(sector[32..]);
        return new FatBootSector(Encoding.Latin1.GetString(extended.Slice(5, 11)).TrimEnd(),
            BinaryPrimitives.ReadUInt32LittleEndian(extended[1..]), isFat32, sectors * bytesPerSector,
            sectorsPerCluster * bytesPerSector);
    }
}

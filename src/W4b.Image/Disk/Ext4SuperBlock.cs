using System.Buffers.Binary;
using System.Text;

namespace W4b.Image.Disk;

/// <summary>The superblock in the library's memory, struct ext2_super_block of ext2_fs.h.</summary>
internal readonly unsafe struct Ext4SuperBlock(byte* data)
{
    private const int Size = 1024;
    private const uint NeedsRecovery = 0x4;
    private const uint Has64Bit = 0x80;
    private const uint OrphanPresent = 0x10000;

    private Span<byte> Data => new(data, Size);

    internal bool HasExtents => (U32(96) & 0x40) != 0;

    internal uint InodesPerGroup => U32(40);

    internal int InodeSize => U16(88);

    internal ushort WantedExtraSize => U16(350);

    /// <summary>What speaks against using the file system as it is; null when nothing does.</summary>
    internal string? Damage
        => (U32(96) & NeedsRecovery) != 0 ? "it was not unmounted: its journal needs recovery"
            : (U32(100) & OrphanPresent) != 0 || U32(232) != 0 ? "it was not unmounted: it has deleted files to clean up"
            : (U16(58) & 2) != 0 || U32(404) != 0 ? "the kernel found errors in it"
            : (U16(58) & 1) == 0 ? "it is not marked clean"
            : null;

    internal Ext4Statistics Statistics
        => new(1024 << (int)U32(24), Count(4, 336), Count(12, 344), U32(0), U32(16),
            new Guid(Data.Slice(104, 16), bigEndian: true),
            Encoding.UTF8.GetString(Data.Slice(120, 16)).Split('\0')[0],
            U16(58), U32(92), U32(96), U32(100));

    /// <summary>Sets every time to <paramref name="time"/> and the amount ever written to 0 (the library leaves a 0 alone).</summary>
    internal void NormalizeTimes(long time)
    {
        Time(48, 628, time);  // s_wtime
        Time(264, 630, time); // s_mkfs_time
        Time(64, 631, time);  // s_lastcheck
        Time(44, 629, 0);     // s_mtime: never mounted
        BinaryPrimitives.WriteUInt16LittleEndian(Data[52..], 0); // s_mnt_count
        BinaryPrimitives.WriteUInt64LittleEndian(Data[376..], 0); // s_kbytes_written
    }

    private long Count(int low, int high) => U32(low) | ((U32(96) & Has64Bit) != 0 ? (long)U32(high) << 32 : 0);

    private void Time(int low, int high, long time)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Data[low..], (uint)time);
        Data[high] = (byte)(time >> 32);
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Data[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Data[offset..]);
}

using System.Buffers.Binary;

namespace W4b.Image.Disk;

/// <summary>
/// An inode's fields in its bytes, struct ext2_inode_large of ext2_fs.h. The library hands them over in the order of bytes
/// of the host, which is little-endian on every host .NET runs on here.
/// </summary>
/// <param name="data">The inode, 128 bytes or more; the buffer has room for the large structure's 160 in any case.</param>
internal readonly struct Ext4Inode(byte[] data)
{
    internal const uint ExtentsFlag = 0x80000;
    internal const uint XattrInodeFlag = 0x200000;
    internal const uint InlineDataFlag = 0x10000000;
    private const int BlockOffset = 40;
    private const int BaseSize = 128;
    private const int FormatMask = 0xF000;

    internal byte[] Data => data;

    internal ushort RawMode { get => U16(0); set => U16(0, value); }

    internal Ext4FileType Type => TypeOf(RawMode);

    internal UnixFileMode Mode
    {
        get => (UnixFileMode)(RawMode & ~FormatMask);
        set => RawMode = (ushort)(RawMode & FormatMask | (int)value & ~FormatMask);
    }

    internal uint Uid
    {
        get => U16(2) | (uint)U16(120) << 16;
        set { U16(2, (ushort)value); U16(120, (ushort)(value >> 16)); }
    }

    internal uint Gid
    {
        get => U16(24) | (uint)U16(122) << 16;
        set { U16(24, (ushort)value); U16(122, (ushort)(value >> 16)); }
    }

    internal long Size => U32(4) | (long)U32(108) << 32;

    internal ushort LinkCount { get => U16(26); set => U16(26, value); }

    internal uint DeletionTime { set => U32(20, value); }

    internal uint Flags { get => U32(32); set => U32(32, value); }

    internal ReadOnlySpan<byte> Blocks => data.AsSpan(BlockOffset, 60);

    internal Ext4Time AccessTime { get => Time(8, 140); set => Time(8, 140, value); }

    internal Ext4Time ChangeTime { get => Time(12, 132); set => Time(12, 132, value); }

    internal Ext4Time ModifiedTime { get => Time(16, 136); set => Time(16, 136, value); }

    /// <summary>When the inode was made. A small inode has no room for it.</summary>
    internal Ext4Time CreationTime
    {
        set
        {
            if (HasExtra(144))
                Time(144, 148, value);
        }
    }

    /// <summary>Device number in the old format (8 bits each) or the new one (12 and 20 bits).</summary>
    internal (int Major, int Minor) Device
    {
        get
        {
            uint old = U32(BlockOffset), wide = U32(BlockOffset + 4);
            return old != 0
                ? ((int)(old >> 8 & 0xFF), (int)(old & 0xFF))
                : ((int)(wide >> 8 & 0xFFF), (int)(wide & 0xFF | wide >> 12 & 0xFFF00));
        }
    }

    /// <summary>Makes these bytes a new, empty regular file with an empty extent tree.</summary>
    /// <param name="extraSize">How much of the inode beyond 128 bytes holds fields: s_want_extra_isize.</param>
    /// <param name="extents">Whether the file system maps files by extents.</param>
    internal void InitializeFile(ushort extraSize, bool extents)
    {
        Array.Clear(data);
        RawMode = 0x8000;
        LinkCount = 1;
        U16(BaseSize, extraSize);
        if (!extents)
            return;
        Flags = ExtentsFlag;
        // struct ext3_extent_header: magic, entries, room for 4 in the inode, depth 0.
        U16(BlockOffset, 0xF30A);
        U16(BlockOffset + 4, 4);
    }

    internal static Ext4FileType TypeOf(int mode) => (mode & FormatMask) switch
    {
        0x1000 => Ext4FileType.Fifo,
        0x2000 => Ext4FileType.CharacterDevice,
        0x4000 => Ext4FileType.Directory,
        0x6000 => Ext4FileType.BlockDevice,
        0xA000 => Ext4FileType.SymbolicLink,
        0xC000 => Ext4FileType.Socket,
        _ => Ext4FileType.RegularFile,
    };

    private bool HasExtra(int offset) => offset + 4 <= BaseSize + U16(BaseSize);

    // Nanoseconds in the upper 30 bits of the extra field, in its lower two what to add to the signed seconds, in 2^32.
    private Ext4Time Time(int offset, int extraOffset)
    {
        long seconds = (int)U32(offset);
        if (!HasExtra(extraOffset))
            return new Ext4Time(seconds, 0);
        var extra = U32(extraOffset);
        return new Ext4Time(seconds + ((long)(extra & 3) << 32), (int)(extra >> 2));
    }

    private void Time(int offset, int extraOffset, Ext4Time time)
    {
        U32(offset, (uint)time.Seconds);
        if (HasExtra(extraOffset))
            U32(extraOffset, (uint)(time.Seconds - (int)time.Seconds >> 32 & 3) | (uint)time.Nanoseconds << 2);
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(offset));

    private void U16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(offset), value);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(offset));

    private void U32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(offset), value);
}

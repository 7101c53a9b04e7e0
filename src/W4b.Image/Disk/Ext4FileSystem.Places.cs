using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

public sealed unsafe partial class Ext4FileSystem
{
    private const int ENOENT = 2;

    /// <summary>Where an entry's content stands in the image: a file's, or a folder's list of names. Offsets in bytes, a block each.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/>.</exception>
    public IReadOnlyList<long> PlacesOf(Ext4Entry entry)
    {
        var blocks = new List<ulong>();
        var inode = ReadInode(entry.Inode, entry.Path);
        fixed (byte* data = inode.Data)
            if ((inode.Flags & Ext4Inode.InlineDataFlag) != 0 || Ext2Fs.HasValidBlocks(Fs, data) == 0)
                return [];
        var state = GCHandle.Alloc(blocks);
        try
        {
            Check(Ext2Fs.IterateBlocks(Fs, entry.Inode, Ext2Fs.BlockReadOnly, 0, &AddBlock, (void*)GCHandle.ToIntPtr(state)), "reading the blocks of", entry.Path);
        }
        finally
        {
            state.Free();
        }

        return blocks.ConvertAll(PlaceOf);
    }

    /// <summary>Where the first free block stands in the image, in bytes: new content mostly goes there. Null when all is full.</summary>
    /// <exception cref="W4bException">When the bitmaps cannot be read.</exception>
    public long? FirstFreePlace()
    {
        Check(Ext2Fs.ReadBitmaps(Fs), "reading the bitmaps of", "/");
        // With blocks of 1 KiB the first one is in no bitmap: the boot sector.
        var first = Super.Statistics.BlockSize == 1024 ? 1UL : 0;
        var code = Ext2Fs.FindFreeBlock(*(nint*)(Fs + Ext2Fs.BlockMapOffset), first, (ulong)Super.Statistics.Blocks - 1, out var block);
        if (code == ENOENT)
            return null;
        Check(code, "reading the bitmaps of", "/");
        return PlaceOf(block);
    }

    /// <summary>Where the first free inode stands in the image, in bytes: new files mostly get that and the ones behind it. Null when none is free.</summary>
    /// <exception cref="W4bException">When the bitmaps cannot be read.</exception>
    public long? FirstFreeInodePlace()
    {
        Check(Ext2Fs.ReadBitmaps(Fs), "reading the bitmaps of", "/");
        var code = Ext2Fs.FindFreeInode(*(nint*)(Fs + Ext2Fs.InodeMapOffset), 1, (uint)Super.Statistics.Inodes, out var inode);
        if (code == ENOENT)
            return null;
        Check(code, "reading the bitmaps of", "/");
        var (group, index) = Math.DivRem(inode - 1, Super.InodesPerGroup);
        return PlaceOf(Ext2Fs.InodeTable(Fs, group)) + (long)index * Super.InodeSize;
    }

    private long PlaceOf(ulong block) => _offset + (long)block * *(int*)(Fs + Ext2Fs.BlockSizeOffset);

    // Called by the library: an exception must not pass through it.
    [UnmanagedCallersOnly]
    private static int AddBlock(nint fs, ulong* block, long number, ulong parent, int parentOffset, void* state)
    {
        ((List<ulong>)GCHandle.FromIntPtr((nint)state).Target!).Add(*block);
        return 0;
    }
}

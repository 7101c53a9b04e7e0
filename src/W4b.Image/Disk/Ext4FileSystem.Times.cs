using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

public sealed unsafe partial class Ext4FileSystem
{
    private const int ScanBufferBlocks = 64;

    /// <summary>
    /// Takes from the file system everything that tells when it was made: modification times from
    /// <paramref name="changedSince"/> on become the epoch, older ones whole seconds; all access, change and creation times
    /// become the epoch, so do the root folder's and the superblock's. All copies of the superblock and the group descriptors are written.
    /// </summary>
    /// <param name="epoch">The time to set.</param>
    /// <param name="changedSince">When the work on the tree began: what is older came with its time and keeps it.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/>, or when the image cannot be written.</exception>
    public void NormalizeTimes(DateTimeOffset epoch, DateTimeOffset changedSince)
    {
        var (set, since) = (Ext4Time.From(epoch), Ext4Time.From(changedSince));
        Check(Ext2Fs.OpenInodeScan(Fs, ScanBufferBlocks, out var scan), "scanning", "all inodes");
        try
        {
            var inode = NewBuffer();
            while (NextInode(scan, inode) is var number and not 0)
            {
                // Inode 1, for bad blocks, has times but no name. An inode that holds a long attribute value keeps its
                // reference count and hash where the times would be.
                if (inode.LinkCount == 0 && number != Ext2Fs.BadBlocksInode || (inode.Flags & Ext4Inode.XattrInodeFlag) != 0)
                    continue;
                // Older versions of mke2fs keep no fractions of a second, and none keeps the root's time.
                inode.ModifiedTime = inode.ModifiedTime >= since || number == Ext2Fs.RootInode
                    ? set
                    : inode.ModifiedTime with { Nanoseconds = 0 };
                inode.AccessTime = inode.ChangeTime = inode.CreationTime = set;
                WriteInode(number, inode, $"inode {number}");
            }
        }
        finally
        {
            Ext2Fs.CloseInodeScan(scan);
        }

        Super.NormalizeTimes(set.Seconds);
        *(long*)(Fs + Ext2Fs.NowOffset) = set.Seconds;
        LibraryFlags = (LibraryFlags | Ext2Fs.FlagDirty | Ext2Fs.FlagChanged) & ~Ext2Fs.FlagMasterSuperOnly;
        Flush();
        LibraryFlags |= Ext2Fs.FlagMasterSuperOnly;
    }

    private uint NextInode(nint scan, Ext4Inode buffer)
    {
        fixed (byte* data = buffer.Data)
        {
            Check(Ext2Fs.NextInode(scan, out var number, data, _inodeSize), "scanning", "all inodes");
            return number;
        }
    }
}

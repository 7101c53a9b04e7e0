namespace W4b.Image.Disk;

/// <summary>What an inode is. The values are those of the file type byte in directory entries.</summary>
public enum Ext4FileType
{
    /// <summary>A regular file.</summary>
    RegularFile = 1,
    /// <summary>A directory.</summary>
    Directory = 2,
    /// <summary>A character device node.</summary>
    CharacterDevice = 3,
    /// <summary>A block device node.</summary>
    BlockDevice = 4,
    /// <summary>A named pipe.</summary>
    Fifo = 5,
    /// <summary>A socket's name.</summary>
    Socket = 6,
    /// <summary>A symbolic link.</summary>
    SymbolicLink = 7,
}

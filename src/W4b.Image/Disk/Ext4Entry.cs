namespace W4b.Image.Disk;

/// <summary>A name in the file system and the inode behind it.</summary>
public sealed record Ext4Entry
{
    /// <summary>The absolute path, <c>/etc/hostname</c>, without symbolic links in its folders.</summary>
    public required string Path { get; init; }

    /// <summary>The inode's number. Entries with the same number are hard links of one file.</summary>
    public required uint Inode { get; init; }

    /// <summary>What it is.</summary>
    public required Ext4FileType Type { get; init; }

    /// <summary>The permissions, with the set-id and sticky bits.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>The owner.</summary>
    public required uint Uid { get; init; }

    /// <summary>The group.</summary>
    public required uint Gid { get; init; }

    /// <summary>The length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>When the content last changed.</summary>
    public required Ext4Time ModifiedTime { get; init; }

    /// <summary>When the content was last read.</summary>
    public required Ext4Time AccessTime { get; init; }

    /// <summary>When the inode last changed.</summary>
    public required Ext4Time ChangeTime { get; init; }

    /// <summary>How many names the inode has.</summary>
    public required int LinkCount { get; init; }

    /// <summary>Major device number; 0 but for device nodes.</summary>
    public int DeviceMajor { get; init; }

    /// <summary>Minor device number; 0 but for device nodes.</summary>
    public int DeviceMinor { get; init; }

    /// <summary>Where a symbolic link points, as it stands there; null for everything else.</summary>
    public string? LinkTarget { get; init; }
}

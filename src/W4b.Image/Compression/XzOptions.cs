using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>How an image is compressed. The bytes that come out depend on <see cref="Level"/>, <see cref="Places"/> and the liblzma version alone.</summary>
public sealed record XzOptions
{
    /// <summary>Readable by all.</summary>
    public const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The preset of xz(1), 0 (fast) to 9 (small), tuned to images of ARM systems. Above 6 little is gained: the dictionary is no larger.</summary>
    public int Level { get; init; } = 6;

    /// <summary>How many blocks are encoded at a time; 0 for as many as the machine has processors.</summary>
    public int Threads { get; init; }

    /// <summary>What encoders and buffers may use together, in bytes; with less than one thread needs, one runs.</summary>
    public long MemoryLimit { get; init; } = 448L * 1024 * 1024;

    /// <summary>From what the threads are taken while the compression runs.</summary>
    public ICoreBudget Cores { get; init; } = AllCores.Instance;

    /// <summary>An archive from which blocks are taken over that are equal at the same offset; the result is the same without it, only later.</summary>
    public XzReference? Reference { get; init; }

    /// <summary>Where blocks are smaller or larger than elsewhere. It belongs to what the result depends on.</summary>
    public BlockPlaces Places { get; init; } = BlockPlaces.None;

    /// <summary>The permissions of the archive. An image with secrets in it is for its owner only.</summary>
    public UnixFileMode Mode { get; init; } = Shared;
}

using W4b.Image.Disk;

namespace W4b.Image.Compression;

/// <summary>Where the blocks of an archive are smaller or larger than elsewhere.</summary>
/// <param name="Fine">Offsets in the image in bytes, in any order; the <see cref="XzCompressor.FineBlockSize"/> around each is a block of its own: where images
/// differ from the reference, less is encoded.</param>
/// <param name="Coarse">Parts of the image in which a block is up to <see cref="XzCompressor.CoarseBlockSize"/>, so that what resembles each other is within one. Where one
/// is fine too, it is fine.</param>
public sealed record BlockPlaces(IReadOnlyList<long> Fine, IReadOnlyList<ByteRange> Coarse)
{
    /// <summary>Nowhere.</summary>
    public static BlockPlaces None { get; } = new([], []);
}

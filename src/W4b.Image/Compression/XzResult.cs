namespace W4b.Image.Compression;

/// <summary>One block of an .xz archive: from where in the image to where in the archive.</summary>
/// <param name="Offset">Where the block's data begins in the raw image, in bytes.</param>
/// <param name="Size">How much of the raw image it holds, in bytes.</param>
/// <param name="ArchiveOffset">Where the encoded block begins in the archive, in bytes.</param>
/// <param name="UnpaddedSize">The encoded block without its padding, in bytes, as the archive's index has it.</param>
/// <param name="RawHash">A hash of its data, to know the same data again.</param>
/// <param name="EncodedHash">A hash of the encoded block with its padding, to find damage.</param>
public sealed record XzBlock(long Offset, long Size, long ArchiveOffset, long UnpaddedSize, string RawHash, string EncodedHash)
{
    /// <summary>What the encoded block takes in the archive, in bytes: blocks are padded to four bytes.</summary>
    public long ArchiveSize => (UnpaddedSize + 3) & ~3L;
}

/// <summary>What was compressed to what.</summary>
/// <param name="RawBytes">Size of the raw image.</param>
/// <param name="ArchiveBytes">Size of the archive.</param>
/// <param name="RawSha256">SHA-256 of the raw image, 64 lower-case hexadecimal digits.</param>
/// <param name="ArchiveSha256">SHA-256 of the archive, 64 lower-case hexadecimal digits.</param>
/// <param name="Blocks">
/// The archive's blocks in order. A block may stand in another archive too, as it is: <see cref="XzArchiveWriter.Append"/> takes
/// its bytes and sizes.
/// </param>
/// <param name="EncodedBlocks">How many of the blocks were encoded; the others were zeros, or taken over.</param>
public sealed record XzResult(long RawBytes, long ArchiveBytes, string RawSha256, string ArchiveSha256, IReadOnlyList<XzBlock> Blocks, int EncodedBlocks)
{
    /// <summary>How much of the raw image these were, in bytes.</summary>
    public long EncodedBytes { get; init; }

    /// <summary>The state of the raw image's SHA-256 before each of the blocks.</summary>
    internal IReadOnlyList<string> RawStates { get; init; } = [];
}

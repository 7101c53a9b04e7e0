using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>Where a block of an .xz file is, by the file's index.</summary>
/// <param name="Offset">Where its data begins in the raw data, in bytes.</param>
/// <param name="Size">The size of its data, in bytes.</param>
/// <param name="ArchiveOffset">Where the encoded block begins in the file, in bytes.</param>
/// <param name="ArchiveSize">What the encoded block takes in the file, in bytes.</param>
/// <param name="UnpaddedSize">The same without its padding.</param>
/// <param name="Check">The kind of check behind it.</param>
internal sealed record XzIndexBlock(long Offset, long Size, long ArchiveOffset, long ArchiveSize, long UnpaddedSize, LzmaCheck Check);

/// <summary>What an .xz file says about itself: its streams' headers, indexes and footers, read and checked without decoding what is between.</summary>
/// <param name="RawSize">The size of the data in all its streams, in bytes.</param>
/// <param name="Blocks">Its blocks in order.</param>
internal sealed unsafe record XzIndex(long RawSize, IReadOnlyList<XzIndexBlock> Blocks)
{
    /// <summary>Reads it; null when the file is no whole .xz file.</summary>
    /// <param name="file">The file, which can be sought in.</param>
    public static XzIndex? Read(FileStream file)
    {
        Require();
        var input = new byte[4096];
        nint index = 0;
        var stream = default(LzmaStream);
        try
        {
            Check(lzma_file_info_decoder(&stream, &index, ulong.MaxValue, (ulong)file.Length), nameof(lzma_file_info_decoder));
            fixed (byte* buffer = input)
            {
                while (true)
                {
                    if (stream.AvailableIn == 0)
                    {
                        stream.NextIn = buffer;
                        stream.AvailableIn = (nuint)file.Read(input);
                    }
                    switch (lzma_code(&stream, LzmaAction.Run))
                    {
                        case LzmaResult.Ok:
                            break;
                        case LzmaResult.SeekNeeded:
                            file.Position = (long)stream.SeekPosition;
                            stream.AvailableIn = 0;
                            break;
                        case LzmaResult.StreamEnd:
                            return new XzIndex((long)lzma_index_uncompressed_size(index), List(index));
                        default:
                            return null;
                    }
                }
            }
        }
        finally
        {
            lzma_end(&stream);
            lzma_index_end(index, null);
        }
    }

    private static List<XzIndexBlock> List(nint index)
    {
        var blocks = new List<XzIndexBlock>();
        LzmaIndexIterator at;
        lzma_index_iter_init(&at, index);
        while (!lzma_index_iter_next(&at, IterateBlocks))
            blocks.Add(new XzIndexBlock((long)at.UncompressedOffset, (long)at.UncompressedSize, (long)at.CompressedOffset, (long)at.TotalSize,
                (long)at.UnpaddedSize, at.StreamFlags->Check));
        return blocks;
    }
}

using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>Reads what an .xz file says about itself at its end, without decoding it.</summary>
internal static unsafe class XzIndex
{
    /// <summary>The size of the data in all streams of the file, in bytes; null when its indexes cannot be read.</summary>
    /// <param name="file">The file, which can be sought in.</param>
    public static long? RawSize(FileStream file)
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
                            return (long)lzma_index_uncompressed_size(index);
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
}

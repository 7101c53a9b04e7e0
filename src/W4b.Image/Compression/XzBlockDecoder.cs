using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>Decodes one block of an .xz file from memory to memory and verifies its check. Without state: any number of threads may use it.</summary>
internal static unsafe class XzBlockDecoder
{
    /// <summary>What decoding a block takes beside its buffers, in bytes; <see cref="long.MaxValue"/> when its header cannot be read.</summary>
    /// <param name="block">What the index says of it.</param>
    /// <param name="header">Its first bytes; a header has at most 1024.</param>
    public static long MemoryUsage(XzIndexBlock block, ReadOnlySpan<byte> header)
    {
        var filters = stackalloc LzmaFilter[MostFilters + 1];
        fixed (byte* from = header)
        {
            if (header.Length < 8 || header[0] == 0 || (header[0] + 1) * 4 > header.Length)
                return long.MaxValue;
            var description = new LzmaBlock { Check = block.Check, Filters = filters, HeaderSize = (uint)(header[0] + 1) * 4 };
            if (lzma_block_header_decode(&description, null, from) != LzmaResult.Ok)
                return long.MaxValue;
            var usage = lzma_raw_decoder_memusage(filters);
            lzma_filters_free(filters, null);
            return (long)Math.Min(usage, long.MaxValue);
        }
    }

    /// <summary>Decodes <paramref name="input"/>, an encoded block with its padding, into <paramref name="output"/>.</summary>
    /// <param name="block">What the index says of it.</param>
    /// <param name="input">Its bytes.</param>
    /// <param name="output">Takes its data; as long as the index says.</param>
    /// <returns>Whether the block is whole and its data are what was once encoded.</returns>
    public static bool Decode(XzIndexBlock block, ReadOnlySpan<byte> input, Span<byte> output)
    {
        var filters = stackalloc LzmaFilter[MostFilters + 1];
        fixed (byte* from = input, to = output)
        {
            // A header of size 0 is an index; a header has its size, by fours, in its first byte.
            if (input.Length < 8 || input[0] == 0 || (input[0] + 1) * 4 > input.Length)
                return false;
            var description = new LzmaBlock { Check = block.Check, Filters = filters, HeaderSize = (uint)(input[0] + 1) * 4 };
            if (lzma_block_header_decode(&description, null, from) != LzmaResult.Ok)
                return false;
            try
            {
                if (lzma_block_compressed_size(&description, (ulong)block.UnpaddedSize) != LzmaResult.Ok)
                    return false;
                nuint read = description.HeaderSize, written = 0;
                var result = lzma_block_buffer_decode(&description, null, from, &read, (nuint)input.Length, to, &written, (nuint)output.Length);
                return result == LzmaResult.Ok && read == (nuint)input.Length && written == (nuint)output.Length;
            }
            finally
            {
                lzma_filters_free(filters, null);
            }
        }
    }
}

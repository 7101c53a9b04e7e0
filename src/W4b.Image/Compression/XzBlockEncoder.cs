using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Numerics;
using W4b.Image.Diagnostics;
using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>
/// Encodes one block of an .xz stream from memory to memory: what liblzma makes of its parts, and between them, as it is, what cannot be compressed again
/// (<see cref="DenseData"/>). Any number of threads may use one.
/// </summary>
/// <param name="level">The preset of xz(1), 0 to 9; tuned to images of ARM systems.</param>
internal sealed unsafe class XzBlockEncoder(int level) : IDisposable
{
    /// <summary>Raised when an image is cut into other blocks, a block encoded to other bytes, or known by another hash; and when block maps have other ranges.</summary>
    public const int Version = 6;

    /// <summary>The check of every block that is made here; a stream's header has to name the same.</summary>
    public const LzmaCheck Check = LzmaCheck.Crc64;

    // Machine code of ARM has words of four bytes, on borders of four: where a byte stands tells more of it than in texts. It gains
    // nearly a percent of a root file system (docs/performance.md).
    private const uint LiteralContextBits = 2;
    private const uint LiteralPositionBits = 2;

    // How far a match is searched in the trees of the levels 4 to 6; the presets of xz(1) search further, for little. Who asks for more than
    // the default's level wants it small.
    private const int LastLevelWithShortSearch = 6;
    private const uint ShortNiceLength = 32;
    private const uint ShortDepth = 12;

    // The least that liblzma takes (LZMA_DICT_SIZE_MIN), and what level 6 has: more would be of use in coarse blocks alone, and take ten times as much memory for each thread.
    private const uint SmallestDictionary = 4096;
    private const uint LargestDictionary = 8 << 20;

    // LZMA2 keeps what gains nothing as it is, in chunks of this size behind a control byte and a length of two bytes.
    private const int StoredChunkSize = 1 << 16;
    private const byte StoredAfterReset = 1;
    private const byte Stored = 2;
    private const byte EndOfChunks = 0;

    private readonly ConcurrentBag<LzmaEncoder> _idle = [];

    /// <summary>The room that a block may need when encoded, in bytes.</summary>
    public static int OutputSize(int blockSize) => checked((int)lzma_block_buffer_bound((nuint)blockSize));

    /// <summary>What an encoder takes beside its buffers for blocks of a size, in bytes.</summary>
    public static long MemoryUsage(int level, int blockSize)
    {
        LzmaOptions options;
        var filters = stackalloc LzmaFilter[2];
        Prepare(level, blockSize, &options, filters);
        return checked((long)lzma_raw_encoder_memusage(filters));
    }

    /// <summary>Encodes <paramref name="input"/>: block header, data, padding and check.</summary>
    /// <param name="input">The data, at least one byte and at most a block.</param>
    /// <param name="output">Takes the block; at least <see cref="OutputSize"/> bytes.</param>
    /// <returns>How many bytes of <paramref name="output"/> the block takes, and its size without padding for the index.</returns>
    public (int Size, long UnpaddedSize) Encode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        LzmaOptions options;
        var filters = stackalloc LzmaFilter[2];
        Prepare(level, input.Length, &options, filters);
        // The header's size is that for the largest size it may have to name, as in liblzma's own encoder.
        var block = new LzmaBlock { Check = Check, Filters = filters, CompressedSize = (ulong)OutputSize(input.Length), UncompressedSize = (ulong)input.Length };
        LibLzma.Check(lzma_block_header_size(&block), nameof(lzma_block_header_size));
        var end = (int)block.HeaderSize;
        foreach (var segment in DenseData.Cut(input))
        {
            var data = input.Slice(segment.Start, segment.Length);
            end = segment.IsDense ? Store(data, output, end) : EncodeSegment(filters, data, output, end);
        }

        output[end++] = EndOfChunks;
        block.CompressedSize = (ulong)end - block.HeaderSize;
        for (; end % 4 != 0; end++)
            output[end] = 0;
        fixed (byte* from = input, to = output)
        {
            LibLzma.Check(lzma_block_header_encode(&block, to), nameof(lzma_block_header_encode));
            BinaryPrimitives.WriteUInt64LittleEndian(output[end..], lzma_crc64(from, (nuint)input.Length, 0));
        }

        return (end + sizeof(ulong), (long)lzma_block_unpadded_size(&block));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var encoder))
            encoder.Dispose();
    }

    // Each segment is a whole LZMA2 stream that begins without a dictionary; but for its end marker they may follow each other.
    private int EncodeSegment(LzmaFilter* filters, ReadOnlySpan<byte> data, Span<byte> output, int end)
    {
        if (!_idle.TryTake(out var encoder))
            encoder = new LzmaEncoder();
        var size = encoder.Encode(filters, data, output[end..]);
        // After a failure it is left to the garbage collector.
        _idle.Add(encoder);
        return end + size - 1;
    }

    private static int Store(ReadOnlySpan<byte> data, Span<byte> output, int end)
    {
        for (var done = 0; done < data.Length;)
        {
            var chunk = data.Slice(done, Math.Min(StoredChunkSize, data.Length - done));
            output[end] = done == 0 ? StoredAfterReset : Stored;
            BinaryPrimitives.WriteUInt16BigEndian(output[(end + 1)..], (ushort)(chunk.Length - 1));
            chunk.CopyTo(output[(end + 3)..]);
            end += 3 + chunk.Length;
            done += chunk.Length;
        }

        return end;
    }

    private static void Prepare(int level, int blockSize, LzmaOptions* options, LzmaFilter* filters)
    {
        if (lzma_lzma_preset(options, (uint)level))
            throw DiagnosticCode.CompressionFailed.Error($"liblzma knows no compression level {level}: it is 0 to 9.");
        // A block never refers to data outside itself: a larger dictionary would only cost memory, here and when decoding. Few sizes, so that encoders keep theirs.
        var useful = BitOperations.RoundUpToPowerOf2(Math.Clamp((uint)blockSize, SmallestDictionary, LargestDictionary));
        options->DictionarySize = Math.Min(options->DictionarySize, useful);
        (options->LiteralContextBits, options->LiteralPositionBits) = (LiteralContextBits, LiteralPositionBits);
        if (options->MatchFinder == LzmaMatchFinder.BinaryTree4 && level <= LastLevelWithShortSearch)
            (options->NiceLength, options->Depth) = (Math.Min(options->NiceLength, ShortNiceLength), ShortDepth);
        filters[0] = new LzmaFilter { Id = FilterLzma2, Options = options };
        filters[1] = new LzmaFilter { Id = Unknown };
    }
}

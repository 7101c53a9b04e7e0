using W4b.Image.Diagnostics;
using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>Encodes one block of an .xz stream from memory to memory. Without state: any number of threads may use one.</summary>
/// <param name="level">The preset of xz(1), 0 to 9; tuned to images of ARM systems.</param>
/// <param name="blockSize">The size of the largest block, in bytes, which also is the largest dictionary.</param>
internal sealed unsafe class XzBlockEncoder(int level, int blockSize)
{
    /// <summary>Raised when an image is cut into other blocks, or a block encoded to other bytes.</summary>
    public const int Version = 2;

    /// <summary>The check of every block that is made here; a stream's header has to name the same.</summary>
    public const LzmaCheck Check = LzmaCheck.Crc64;

    // Machine code of ARM has words of four bytes, on borders of four: where a byte stands tells more of it than in texts. It gains
    // nearly a percent of a root file system (docs/performance.md).
    private const uint LiteralContextBits = 2;
    private const uint LiteralPositionBits = 2;

    // How far a match is searched in the trees of the levels 4 to 6; the presets of xz(1) search further, for little. Who asks for more than
    // the default's level wants it small.
    private const int LastLevelWithShortSearch = 6;
    private const uint ShortNiceLength = 48;
    private const uint ShortDepth = 16;

    /// <summary>The room that the largest block may need when encoded, in bytes.</summary>
    public int OutputSize { get; } = checked((int)lzma_block_buffer_bound((nuint)blockSize));

    /// <summary>What one running encoder takes beside its buffers, in bytes.</summary>
    public long MemoryUsage
    {
        get
        {
            LzmaOptions options;
            var filters = stackalloc LzmaFilter[2];
            Prepare(&options, filters);
            return checked((long)lzma_raw_encoder_memusage(filters));
        }
    }

    /// <summary>Encodes <paramref name="input"/>: block header, data, padding and check.</summary>
    /// <param name="input">The data, at least one byte and at most a block.</param>
    /// <param name="output">Takes the block; at least <see cref="OutputSize"/> bytes.</param>
    /// <returns>How many bytes of <paramref name="output"/> the block takes, and its size without padding for the index.</returns>
    public (int Size, long UnpaddedSize) Encode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        LzmaOptions options;
        var filters = stackalloc LzmaFilter[2];
        Prepare(&options, filters);
        var block = new LzmaBlock { Check = Check, Filters = filters };
        nuint size = 0;
        fixed (byte* from = input, to = output)
            LibLzma.Check(lzma_block_buffer_encode(&block, null, from, (nuint)input.Length, to, &size, (nuint)output.Length),
                nameof(lzma_block_buffer_encode));
        return ((int)size, (long)lzma_block_unpadded_size(&block));
    }

    private void Prepare(LzmaOptions* options, LzmaFilter* filters)
    {
        if (lzma_lzma_preset(options, (uint)level))
            throw DiagnosticCode.CompressionFailed.Error($"liblzma knows no compression level {level}: it is 0 to 9.");
        // A block never refers to data outside itself: a larger dictionary would only cost memory, here and when decoding.
        options->DictionarySize = Math.Min(options->DictionarySize, (uint)blockSize);
        (options->LiteralContextBits, options->LiteralPositionBits) = (LiteralContextBits, LiteralPositionBits);
        if (options->MatchFinder == LzmaMatchFinder.BinaryTree4 && level <= LastLevelWithShortSearch)
            (options->NiceLength, options->Depth) = (Math.Min(options->NiceLength, ShortNiceLength), ShortDepth);
        filters[0] = new LzmaFilter { Id = FilterLzma2, Options = options };
        filters[1] = new LzmaFilter { Id = Unknown };
    }
}

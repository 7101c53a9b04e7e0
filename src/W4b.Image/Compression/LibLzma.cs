using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>
/// liblzma of XZ Utils: it encodes and decodes, we only arrange blocks. The functions are described in the headers
/// &lt;lzma/*.h&gt;; the format is <see href="https://tukaani.org/xz/xz-file-format.txt">The .xz File Format</see>.
/// </summary>
internal static unsafe partial class LibLzma
{
    /// <summary>LZMA_STREAM_HEADER_SIZE: bytes of a stream's header, and of its footer.</summary>
    public const int StreamHeaderSize = 12;
    /// <summary>LZMA_CONCATENATED: one stream after another is decoded as one.</summary>
    public const uint Concatenated = 0x08;
    /// <summary>LZMA_FILTER_LZMA2.</summary>
    public const ulong FilterLzma2 = 0x21;
    /// <summary>LZMA_INDEX_ITER_BLOCK: from block to block.</summary>
    public const int IterateBlocks = 2;
    /// <summary>LZMA_FILTERS_MAX.</summary>
    public const int MostFilters = 4;
    /// <summary>LZMA_VLI_UNKNOWN: ends an array of filters.</summary>
    public const ulong Unknown = ulong.MaxValue;

    private const string Library = "liblzma.so.5";

    /// <summary>Makes sure that the library is on this machine; called before anything else here.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static void Require()
    {
        // lzma_file_info_decoder is the youngest function used: liblzma 5.4, which Debian 12 has.
        if (!NativeLibrary.TryLoad(Library, typeof(LibLzma).Assembly, null, out var library)
            || !NativeLibrary.TryGetExport(library, "lzma_file_info_decoder", out _))
            throw DiagnosticCode.ToolMissing.Error($"The library {Library}, version 5.4 or newer, is not on this machine (Debian package liblzma5).");
    }

    /// <summary>Throws unless <paramref name="result"/> is LZMA_OK.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.CompressionFailed"/>.</exception>
    public static void Check(LzmaResult result, string function)
    {
        if (result != LzmaResult.Ok)
            throw DiagnosticCode.CompressionFailed.Error($"liblzma: {function} failed with {result}.");
    }

    /// <summary>The library's own version, e.g. <c>5.4.1</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8(lzma_version_string())!;

    // <lzma/version.h>
    [LibraryImport(Library)]
    private static partial nint lzma_version_string();

    // <lzma/lzma12.h>, <lzma/filter.h>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool lzma_lzma_preset(LzmaOptions* options, uint preset);

    [LibraryImport(Library)]
    public static partial ulong lzma_raw_encoder_memusage(LzmaFilter* filters);

    [LibraryImport(Library)]
    public static partial ulong lzma_raw_decoder_memusage(LzmaFilter* filters);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_raw_encoder(LzmaStream* stream, LzmaFilter* filters);

    // <lzma/block.h>
    [LibraryImport(Library)]
    public static partial nuint lzma_block_buffer_bound(nuint uncompressedSize);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_block_header_size(LzmaBlock* block);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_block_header_encode(LzmaBlock* block, byte* output);

    [LibraryImport(Library)]
    public static partial ulong lzma_block_unpadded_size(LzmaBlock* block);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_block_header_decode(LzmaBlock* block, void* allocator, byte* input);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_block_compressed_size(LzmaBlock* block, ulong unpaddedSize);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_block_buffer_decode(
        LzmaBlock* block, void* allocator, byte* input, nuint* inputPosition, nuint inputSize, byte* output, nuint* outputPosition, nuint outputSize);

    [LibraryImport(Library)]
    public static partial void lzma_filters_free(LzmaFilter* filters, void* allocator);

    // <lzma/index.h>
    [LibraryImport(Library)]
    public static partial nint lzma_index_init(void* allocator);

    [LibraryImport(Library)]
    public static partial void lzma_index_end(nint index, void* allocator);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_index_append(nint index, void* allocator, ulong unpaddedSize, ulong uncompressedSize);

    [LibraryImport(Library)]
    public static partial ulong lzma_index_size(nint index);

    [LibraryImport(Library)]
    public static partial ulong lzma_index_uncompressed_size(nint index);

    [LibraryImport(Library)]
    public static partial void lzma_index_iter_init(LzmaIndexIterator* iterator, nint index);

    // True at the end.
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool lzma_index_iter_next(LzmaIndexIterator* iterator, int mode);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_index_buffer_encode(nint index, byte* output, nuint* outputPosition, nuint outputSize);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_file_info_decoder(LzmaStream* stream, nint* index, ulong memoryLimit, ulong fileSize);

    // <lzma/stream_flags.h>
    [LibraryImport(Library)]
    public static partial LzmaResult lzma_stream_header_encode(LzmaStreamFlags* flags, byte* output);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_stream_footer_encode(LzmaStreamFlags* flags, byte* output);

    // <lzma/container.h>, <lzma/base.h>
    [LibraryImport(Library)]
    public static partial LzmaResult lzma_stream_decoder(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library)]
    public static partial LzmaResult lzma_code(LzmaStream* stream, LzmaAction action);

    [LibraryImport(Library)]
    public static partial void lzma_end(LzmaStream* stream);

    // <lzma/check.h>: the CRC32 of IEEE 802.3, which .zip uses too, and the CRC64 of ECMA-182.
    [LibraryImport(Library)]
    public static partial ulong lzma_crc64(byte* buffer, nuint size, ulong crc);

    [LibraryImport(Library)]
    public static partial uint lzma_crc32(byte* buffer, nuint size, uint crc);
}

using System.Runtime.InteropServices;

namespace W4b.Image.Compression;

// The structures of liblzma's headers <lzma/base.h>, <lzma/block.h>, <lzma/filter.h>, <lzma/lzma12.h> and
// <lzma/stream_flags.h>, as laid out on 64-bit Linux; the sizes are the ABI's and hold for every liblzma 5.
// Members that we neither read nor write are left to the given size.

/// <summary>lzma_ret.</summary>
internal enum LzmaResult
{
    Ok = 0,
    StreamEnd = 1,
    UnsupportedCheck = 3,
    MemoryError = 5,
    FormatError = 7,
    OptionsError = 8,
    DataError = 9,
    BufferError = 10,
    SeekNeeded = 12,
}

/// <summary>lzma_check: the integrity check that follows each block.</summary>
internal enum LzmaCheck
{
    Crc64 = 4,
}

/// <summary>lzma_action.</summary>
internal enum LzmaAction
{
    Run = 0,
    Finish = 3,
}

/// <summary>lzma_match_finder.</summary>
internal enum LzmaMatchFinder
{
    BinaryTree4 = 0x14,
}

/// <summary>lzma_options_lzma.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct LzmaOptions
{
    [FieldOffset(0)] public uint DictionarySize;
    [FieldOffset(20)] public uint LiteralContextBits;
    [FieldOffset(24)] public uint LiteralPositionBits;
    [FieldOffset(36)] public uint NiceLength;
    [FieldOffset(40)] public LzmaMatchFinder MatchFinder;
    [FieldOffset(44)] public uint Depth;
}

/// <summary>lzma_filter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LzmaFilter
{
    public ulong Id;
    public LzmaOptions* Options;
}

/// <summary>lzma_block.</summary>
[StructLayout(LayoutKind.Explicit, Size = 208)]
internal unsafe struct LzmaBlock
{
    [FieldOffset(4)] public uint HeaderSize;
    [FieldOffset(8)] public LzmaCheck Check;
    [FieldOffset(16)] public ulong CompressedSize;
    [FieldOffset(24)] public ulong UncompressedSize;
    [FieldOffset(32)] public LzmaFilter* Filters;
}

/// <summary>lzma_index_iter, at a block.</summary>
[StructLayout(LayoutKind.Explicit, Size = 304)]
internal unsafe struct LzmaIndexIterator
{
    [FieldOffset(0)] public LzmaStreamFlags* StreamFlags;
    [FieldOffset(128)] public ulong CompressedOffset;
    [FieldOffset(136)] public ulong UncompressedOffset;
    [FieldOffset(168)] public ulong UncompressedSize;
    [FieldOffset(176)] public ulong UnpaddedSize;
    [FieldOffset(184)] public ulong TotalSize;
}

/// <summary>lzma_stream_flags.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct LzmaStreamFlags
{
    [FieldOffset(8)] public ulong BackwardSize;
    [FieldOffset(16)] public LzmaCheck Check;
}

/// <summary>lzma_stream. All zero is LZMA_STREAM_INIT.</summary>
[StructLayout(LayoutKind.Explicit, Size = 136)]
internal unsafe struct LzmaStream
{
    [FieldOffset(0)] public byte* NextIn;
    [FieldOffset(8)] public nuint AvailableIn;
    [FieldOffset(24)] public byte* NextOut;
    [FieldOffset(32)] public nuint AvailableOut;
    [FieldOffset(96)] public ulong SeekPosition;
}

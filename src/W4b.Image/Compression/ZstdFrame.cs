using SharpCompress.Compressors.ZStandard.Unsafe;

namespace W4b.Image.Compression;

/// <summary>What a .zst file says about itself: RFC 8878, section 3.1.1.1.</summary>
internal static unsafe class ZstdFrame
{
    // ZSTD_FRAMEHEADERSIZE_MAX
    private const int MaximumHeaderSize = 18;
    // ZSTD_CONTENTSIZE_UNKNOWN is -1, ZSTD_CONTENTSIZE_ERROR -2.
    private const ulong Error = unchecked((ulong)-2L);

    /// <summary>The size of the data of the file's first frame, in bytes; null when the frame does not say.</summary>
    public static long? RawSize(Stream file)
    {
        var header = new byte[MaximumHeaderSize];
        var read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        fixed (byte* start = header)
        {
            var size = Methods.ZSTD_getFrameContentSize(start, (nuint)read);
            return size < Error ? (long)size : null;
        }
    }
}

using System.Security.Cryptography;
using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>
/// Writes one .xz stream from encoded blocks: header, the blocks as they come, index and footer. Blocks may be new or
/// copied from another archive, as long as their check is <see cref="XzBlockEncoder.Check"/>.
/// </summary>
public sealed unsafe class XzArchiveWriter : IDisposable
{
    private readonly Stream _output;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<XzBlock> _blocks = [];
    private nint _index;

    /// <summary>Begins the stream: writes its header.</summary>
    /// <param name="output">Takes the archive; stays open.</param>
    public XzArchiveWriter(Stream output)
    {
        Require();
        _output = output;
        var flags = new LzmaStreamFlags { Check = XzBlockEncoder.Check };
        var header = stackalloc byte[StreamHeaderSize];
        Check(lzma_stream_header_encode(&flags, header), nameof(lzma_stream_header_encode));
        Write(new ReadOnlySpan<byte>(header, StreamHeaderSize));
        _index = lzma_index_init(null);
        if (_index == 0)
            Check(LzmaResult.MemoryError, nameof(lzma_index_init));
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the raw image so far.</summary>
    public long RawLength { get; private set; }

    /// <summary>The blocks so far.</summary>
    public IReadOnlyList<XzBlock> Blocks => _blocks;

    /// <summary>Appends an encoded block.</summary>
    /// <param name="block">The block's header, data, padding and check.</param>
    /// <param name="unpaddedSize">Its size without padding, in bytes.</param>
    /// <param name="rawSize">The size of the data in it, in bytes.</param>
    /// <param name="rawHash">The hash of that data.</param>
    /// <param name="encodedHash">The hash of <paramref name="block"/>.</param>
    public void Append(ReadOnlySpan<byte> block, long unpaddedSize, long rawSize, string rawHash, string encodedHash)
    {
        Check(lzma_index_append(_index, null, (ulong)unpaddedSize, (ulong)rawSize), nameof(lzma_index_append));
        _blocks.Add(new XzBlock(RawLength, rawSize, Length, unpaddedSize, rawHash, encodedHash));
        RawLength += rawSize;
        Write(block);
    }

    /// <summary>Ends the stream: writes index and footer.</summary>
    /// <returns>The SHA-256 of the whole archive, in lower-case hexadecimal.</returns>
    public string Finish()
    {
        var index = new byte[checked((int)lzma_index_size(_index))];
        nuint written = 0;
        fixed (byte* to = index)
            Check(lzma_index_buffer_encode(_index, to, &written, (nuint)index.Length), nameof(lzma_index_buffer_encode));
        Write(index);

        var flags = new LzmaStreamFlags { Check = XzBlockEncoder.Check, BackwardSize = (ulong)index.Length };
        var footer = stackalloc byte[StreamHeaderSize];
        Check(lzma_stream_footer_encode(&flags, footer), nameof(lzma_stream_footer_encode));
        Write(new ReadOnlySpan<byte>(footer, StreamHeaderSize));
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <summary>Frees the index.</summary>
    public void Dispose()
    {
        lzma_index_end(_index, null);
        _index = 0;
        _hash.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }
}

using System.Globalization;

namespace W4b.Image.Compression;

/// <summary>
/// By what blocks are known to be equal, and undamaged: CRC-64, by which an .xz archive knows its own blocks. It is no cryptographic hash,
/// and need not be: the data compared is the user's own, on the user's own disk. What leaves the machine has its SHA-256.
/// </summary>
internal sealed unsafe class BlockHash
{
    private ulong _crc;

    /// <summary>That of a whole block of zeros.</summary>
    public static string OfZeros { get; } = Of(new byte[XzCompressor.BlockSize]);

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public string Value => _crc.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The hash of all of the data.</summary>
    public static string Of(ReadOnlySpan<byte> data)
    {
        var hash = new BlockHash();
        hash.Append(data);
        return hash.Value;
    }

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
            _crc = LibLzma.lzma_crc64(bytes, (nuint)data.Length, _crc);
    }
}

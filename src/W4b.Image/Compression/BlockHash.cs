using System.IO.Hashing;

namespace W4b.Image.Compression;

/// <summary>
/// By what blocks are known to be equal, and undamaged: XXH3 of 128 bits. It is no cryptographic hash, and need not be: the data
/// compared is the user's own, on the user's own disk. What leaves the machine has its SHA-256.
/// </summary>
internal static class BlockHash
{
    /// <summary>That of a whole block of zeros.</summary>
    public static string OfZeros { get; } = Of(new byte[XzCompressor.BlockSize]);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(XxHash128.Hash(data));
}

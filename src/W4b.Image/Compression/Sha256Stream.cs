using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>
/// A SHA-256 that can be left and taken up again, by another process even: what is equal in two images at their beginning is hashed
/// once. The work is OpenSSL's, which uses the processor's own instructions; .NET's class, which calls it too, keeps the state to itself.
/// </summary>
internal sealed unsafe partial class Sha256Stream
{
    /// <summary>Between how many bytes the state is nothing but eight words and a length.</summary>
    public const int BlockSize = 64;

    private const string Library = "libcrypto.so.3";
    private Context _context;

    /// <summary>Begins with nothing hashed.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> without OpenSSL 3.</exception>
    public Sha256Stream()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(Sha256Stream).Assembly, null, out _))
            throw DiagnosticCode.ToolMissing.Error($"The library {Library} is not on this machine (Debian package libssl3).");
        fixed (Context* context = &_context)
            Check(SHA256_Init(context));
    }

    /// <summary>Goes on where <see cref="State"/> was asked for.</summary>
    /// <param name="state">That state.</param>
    /// <param name="length">How many bytes were hashed then, a multiple of <see cref="BlockSize"/>.</param>
    public Sha256Stream(string state, long length) : this()
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % BlockSize, 0, nameof(length));
        var words = Convert.FromHexString(state);
        ArgumentOutOfRangeException.ThrowIfNotEqual(words.Length, StateSize, nameof(state));
        for (var i = 0; i < StateSize / sizeof(uint); i++)
            _context.State[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(words.AsSpan(i * sizeof(uint)));
        (_context.BitsLow, _context.BitsHigh) = ((uint)(length << 3), (uint)(length >> 29));
    }

    /// <summary>The state after a multiple of <see cref="BlockSize"/> bytes: 64 lower-case hexadecimal digits.</summary>
    public string State
    {
        get
        {
            var words = new byte[StateSize];
            for (var i = 0; i < StateSize / sizeof(uint); i++)
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(words.AsSpan(i * sizeof(uint)), _context.State[i]);
            return Convert.ToHexStringLower(words);
        }
    }

    private const int StateSize = 32;

    /// <summary>Hashes <paramref name="data"/>.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        fixed (Context* context = &_context)
        fixed (byte* bytes = data)
            Check(SHA256_Update(context, bytes, (nuint)data.Length));
    }

    /// <summary>Ends the hash: 64 lower-case hexadecimal digits.</summary>
    public string Finish()
    {
        var digest = stackalloc byte[StateSize];
        fixed (Context* context = &_context)
            Check(SHA256_Final(digest, context));
        return Convert.ToHexStringLower(new ReadOnlySpan<byte>(digest, StateSize));
    }

    private static void Check(int result)
    {
        if (result != 1)
            throw DiagnosticCode.CompressionFailed.Error($"{Library} could not hash.");
    }

    // SHA256_CTX of <openssl/sha.h>.
    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        public fixed uint State[8];
        public uint BitsLow, BitsHigh;
        public fixed uint Data[16];
        public uint Buffered, DigestSize;
    }

    [LibraryImport(Library)]
    private static partial int SHA256_Init(Context* context);

    [LibraryImport(Library)]
    private static partial int SHA256_Update(Context* context, byte* data, nuint length);

    [LibraryImport(Library)]
    private static partial int SHA256_Final(byte* digest, Context* context);
}

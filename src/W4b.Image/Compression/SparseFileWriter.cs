using Microsoft.Win32.SafeHandles;

namespace W4b.Image.Compression;

/// <summary>Appends data to a file and leaves holes where they are zero. One instance, one thread.</summary>
/// <param name="file">The file, open for writing; nothing but zeros may stand behind <paramref name="length"/>.</param>
/// <param name="length">Where to go on, in bytes.</param>
internal sealed class SparseFileWriter(SafeFileHandle file, long length = 0)
{
    // Small enough to find most of the free space of a file system, large enough that files do not fall into splinters.
    private const int PieceSize = 64 * 1024;

    /// <summary>Bytes appended, holes included.</summary>
    public long Length { get; private set; } = length;

    /// <summary>Appends <paramref name="data"/>.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(data.Length, PieceSize - (int)(Length % PieceSize))];
            if (piece.ContainsAnyExcept((byte)0))
                RandomAccess.Write(file, piece, Length);
            Length += piece.Length;
            data = data[piece.Length..];
        }
    }

    /// <summary>Gives the file its length, which a hole at its end does not.</summary>
    public void Finish() => RandomAccess.SetLength(file, Length);

    /// <summary>Empties the file.</summary>
    public void Clear()
    {
        RandomAccess.SetLength(file, 0);
        Length = 0;
    }
}

namespace W4b.Image.Disk;

/// <summary>A part of an image.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte after its last.</param>
public readonly record struct ByteRange(long Start, long End)
{
    /// <summary>Its length in bytes.</summary>
    public long Length => End - Start;

    /// <summary>The same bytes in what begins <paramref name="offset"/> bytes before.</summary>
    public ByteRange Shift(long offset) => new(Start + offset, End + offset);
}

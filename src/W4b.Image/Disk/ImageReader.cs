using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>The bytes of a raw image, readable at any place, whatever holds them. One thread at a time.</summary>
public abstract class ImageReader : IDisposable
{
    /// <summary>What messages call it: its path.</summary>
    public abstract string Name { get; }

    /// <summary>The length of the raw image in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Path of a file or device that is the raw image itself, for programs that need one; null when there is none.</summary>
    public virtual string? RawPath => null;

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/> on.</summary>
    /// <returns>The bytes read: fewer than asked for only at the image's end.</returns>
    /// <exception cref="W4bException">What holds the image cannot be read, or is damaged there.</exception>
    public abstract int Read(long offset, Span<byte> buffer);

    /// <summary>Tells what is going to be read, so that it can be prepared meanwhile. Without effect where reading costs nothing.</summary>
    /// <param name="offsets">Places in the raw image, in bytes; those that come first are the most likely.</param>
    public virtual void Announce(IEnumerable<long> offsets)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what holds the image.</summary>
    protected abstract void Dispose(bool disposing);
}

using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Inspection;

namespace W4b.Image.Steps.Verification;

/// <summary>A file or device with an image: raw, or an archive of one.</summary>
internal sealed class ImageFile : IDisposable
{
    private ImageFile(string path, XzArchive? archive, W4bException? damage) => (Path, Archive, Damage) = (path, archive, damage);

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>The archive; null for a raw image, or one that cannot be opened.</summary>
    public XzArchive? Archive { get; }

    /// <summary>Why the archive cannot be opened; null when it can.</summary>
    public W4bException? Damage { get; }

    /// <summary>Whether the image in it can be read.</summary>
    public bool IsReadable => Damage is null;

    /// <summary>Opens it.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static ImageFile Open(string path)
    {
        if (!CardImage.IsXz(path))
            return new ImageFile(path, null, null);
        try
        {
            return new ImageFile(path, XzArchive.Open(path), null);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ImageDamaged)
        {
            return new ImageFile(path, null, e);
        }
    }

    /// <summary>A reader of the raw image.</summary>
    public ImageReader OpenReader() => CardImage.OpenReader(Path);

    public void Dispose() => Archive?.Dispose();
}

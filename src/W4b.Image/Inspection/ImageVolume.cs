using W4b.Image.Disk;

namespace W4b.Image.Inspection;

/// <summary>A file system of an image. Paths begin with a slash, at its root.</summary>
public abstract class ImageVolume
{
    private protected ImageVolume()
    {
    }

    /// <summary>The place of that path, whether anything is there or not.</summary>
    public ImagePath this[string path] => new(this, path);

    internal abstract ImageEntry? Find(string path, bool followLinks);

    internal abstract IEnumerable<ImageEntry> Children(ImageEntry folder);

    internal abstract Stream OpenRead(ImageEntry file);
}

/// <summary>What is at a path.</summary>
internal sealed record ImageEntry(string Path, Ext4FileType Type, long Size, UnixFileMode Mode, uint Uid, uint Gid, string? LinkTarget, object Source);

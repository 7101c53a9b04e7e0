using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Inspection;

/// <summary>
/// A path of an image; it behaves like an ordinary path. Symbolic links are followed, inside the image, but by
/// <see cref="IsSymbolicLink"/> and <see cref="LinkTarget"/>. What it tells is read when it is asked for the first time.
/// </summary>
public sealed class ImagePath
{
    private readonly ImageVolume _volume;
    private readonly Lazy<ImageEntry?> _entry;
    private readonly Lazy<ImageEntry?> _own;

    internal ImagePath(ImageVolume volume, string path)
    {
        Ext4Path.ThrowIfRelative(path);
        _volume = volume;
        FullPath = "/" + string.Join('/', Ext4Path.Split(path));
        _entry = new Lazy<ImageEntry?>(() => volume.Find(FullPath, followLinks: true));
        _own = new Lazy<ImageEntry?>(() => volume.Find(FullPath, followLinks: false));
    }

    /// <summary>The path, with a slash before it.</summary>
    public string FullPath { get; }

    /// <summary>Its last part; empty for the root.</summary>
    public string Name => FullPath[(FullPath.LastIndexOf('/') + 1)..];

    /// <summary>Whether anything is there; not so for a link that leads nowhere.</summary>
    public bool Exists => _entry.Value is not null;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsFile => _entry.Value?.Type == Ext4FileType.RegularFile;

    /// <summary>Whether it is a folder.</summary>
    public bool IsDirectory => _entry.Value?.Type == Ext4FileType.Directory;

    /// <summary>Whether the path itself is a symbolic link.</summary>
    public bool IsSymbolicLink => _own.Value?.Type == Ext4FileType.SymbolicLink;

    /// <summary>Where the link of this path points, as it stands there; null when it is none.</summary>
    public string? LinkTarget => _own.Value?.LinkTarget;

    /// <summary>The length of a file in bytes.</summary>
    public long Length => Entry.Size;

    /// <summary>The permissions, with the set-id and sticky bits. On the boot partition, which has none: 0755.</summary>
    public UnixFileMode Mode => Entry.Mode;

    /// <summary>The owner's id.</summary>
    public uint UserId => Entry.Uid;

    /// <summary>The group's id.</summary>
    public uint GroupId => Entry.Gid;

    /// <summary>The folder it is in; the root's is the root.</summary>
    public ImagePath Parent => new(_volume, FullPath[..Math.Max(1, FullPath.LastIndexOf('/'))]);

    /// <summary>A path below this one.</summary>
    public ImagePath this[string relative] => new(_volume, FullPath + "/" + relative);

    private ImageEntry Entry => _entry.Value ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error($"The image has no {FullPath}.");

    /// <summary>The content of a file, to be read while the image is open.</summary>
    /// <exception cref="W4bException">There is nothing, or no file.</exception>
    public Stream OpenRead()
        => Entry.Type == Ext4FileType.RegularFile ? _volume.OpenRead(Entry) : throw DiagnosticCode.PlanPrerequisiteMissing.Error($"{FullPath} in the image is no file but: {Entry.Type}.");

    /// <summary>The whole content of a file of at most 2 GiB.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public byte[] ReadAllBytes()
    {
        using var stream = OpenRead();
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>The whole content of a file as UTF-8 text.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public string ReadAllText() => Encoding.UTF8.GetString(ReadAllBytes());

    /// <summary>The lines of a file of UTF-8 text, without their ends.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public IReadOnlyList<string> ReadAllLines()
    {
        var lines = ReadAllText().ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    /// <summary>What a folder holds, by name in ordinal order; nothing when it is none.</summary>
    public IEnumerable<ImagePath> Children()
        => IsDirectory ? _volume.Children(Entry).Select(e => this[e.Path[(e.Path.LastIndexOf('/') + 1)..]]).OrderBy(p => p.Name, StringComparer.Ordinal) : [];

    /// <summary>All that is below a folder, each folder before what is in it. Links are not followed.</summary>
    public IEnumerable<ImagePath> Descendants()
        => Children().SelectMany(child => child.IsDirectory && !child.IsSymbolicLink ? child.Descendants().Prepend(child) : [child]);

    /// <inheritdoc/>
    public override string ToString() => FullPath;
}

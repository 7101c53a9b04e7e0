using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;

namespace W4b.Image.Inspection;

/// <summary>
/// A card's image, opened to be looked into: a raw image, an <c>.img.xz</c> (of which only the blocks are decoded that are asked for), or
/// the device of an SD card. Nothing is mounted, nothing is written, and any user may. One thread at a time.
/// </summary>
/// <example><code>
/// using var image = CardImage.Open("bin/w4b_pi3_hive_0Bpfj4cT_20260101_000000.img.xz");
/// var name = image.Root["/etc/hostname"].ReadAllText();
/// var kernels = image.Boot["/"].Children().Where(file => file.Name.StartsWith("vmlinuz"));
/// </code></example>
public sealed class CardImage : IDisposable
{
    private readonly ImageReader _reader;
    private readonly Lazy<Ext4FileSystem> _ext4;
    private readonly Lazy<FatReader> _fat;

    private CardImage(ImageReader reader)
    {
        _reader = reader;
        Layout = CardLayout.Read(reader);
        // A file is the library's own to read: that is faster than by way of the reader.
        _ext4 = new Lazy<Ext4FileSystem>(() => reader.RawPath is { } path ? Ext4FileSystem.Open(path, Layout.Root.OffsetBytes, writable: false, BuildEpoch.Current)
            : Ext4FileSystem.Open(reader, Layout.Root.OffsetBytes));
        _fat = new Lazy<FatReader>(() => new FatReader(reader, Layout.Boot.OffsetBytes));
        Boot = new FatVolume(_fat);
        Root = new RootVolume(_ext4, Boot);
    }

    /// <summary>The path that it was opened by.</summary>
    public string Name => _reader.Name;

    /// <summary>The length of the raw image, or of the device, in bytes.</summary>
    public long Length => _reader.Length;

    /// <summary>Its partitions.</summary>
    public CardLayout Layout { get; }

    /// <summary>The root file system. What lies below the boot partition's mount point is taken from that partition, as on the device.</summary>
    public ImageVolume Root { get; }

    /// <summary>The boot partition.</summary>
    public ImageVolume Boot { get; }

    internal Ext4FileSystem Ext4 => _ext4.Value;

    internal FatReader Fat => _fat.Value;

    internal ImageReader Reader => _reader;

    /// <summary>Opens a raw image, a device, or an <c>.xz</c> file with blocks of at most 32 MiB.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/>, <see cref="DiagnosticCode.ImageDamaged"/>,
    /// <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static CardImage Open(string path) => Open(OpenReader(path));

    /// <summary>Opens an image that <paramref name="reader"/> reads; disposing the image disposes it.</summary>
    internal static CardImage Open(ImageReader reader)
    {
        try
        {
            return new CardImage(reader);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>A reader of the raw image in a file of either kind.</summary>
    internal static ImageReader OpenReader(string path)
    {
        if (!IsXz(path))
            return new RawImageReader(path);
        var archive = XzArchive.Open(path);
        if (archive.LargestBlock <= XzImageReader.LargestBlock)
            return new XzImageReader(archive);
        archive.Dispose();
        throw DiagnosticCode.ImageDamaged.Error(
            $"{path} was compressed in blocks of up to {archive.LargestBlock >> 20} MiB: it cannot be read at any place. Unpack it first (xz -dk).");
    }

    /// <summary>Whether a file is of the kind .xz, by its first bytes.</summary>
    internal static bool IsXz(string path)
    {
        using var file = new RawImageReader(path);
        Span<byte> magic = stackalloc byte[6];
        return file.Read(0, magic) == magic.Length && magic.SequenceEqual<byte>([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]);
    }

    /// <summary>Tells which files' contents and folders' lists of the root file system are going to be read: see <see cref="ImageReader.Announce"/>.</summary>
    internal void Announce(IEnumerable<string> paths)
    {
        foreach (var entry in paths.Select(p => Ext4.Find(p)).OfType<Ext4Entry>())
            _reader.Announce(Ext4.PlacesOf(entry));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ext4.IsValueCreated)
            _ext4.Value.Dispose();
        _reader.Dispose();
    }

    private sealed class FatVolume(Lazy<FatReader> fat) : ImageVolume
    {
        internal override ImageEntry? Find(string path, bool followLinks) => fat.Value.Find(path) is { } node ? Entry(node) : null;

        internal override IEnumerable<ImageEntry> Children(ImageEntry folder)
            => fat.Value.Nodes.Where(n => n.Path.Length > 0 && (Path.GetDirectoryName(n.Path) ?? "") == folder.Path.Trim('/')).Select(Entry);

        internal override Stream OpenRead(ImageEntry file) => new MemoryStream(fat.Value.Read((FatNode)file.Source), writable: false);

        // As the kernel shows a vfat file system that is mounted without options.
        private static ImageEntry Entry(FatNode node) => new("/" + node.Path, node.IsFolder ? Ext4FileType.Directory : Ext4FileType.RegularFile, node.Size,
            (UnixFileMode)0b111_101_101, 0, 0, null, node);
    }

    private sealed class RootVolume(Lazy<Ext4FileSystem> ext4, ImageVolume boot) : ImageVolume
    {
        private readonly Lazy<string> _mountPoint = new(() => BootMount.Find(ext4.Value));

        internal override ImageEntry? Find(string path, bool followLinks)
        {
            var found = ext4.Value.Find(path, followLinks);
            var whole = found?.Path ?? path;
            if (whole != _mountPoint.Value && !whole.StartsWith(_mountPoint.Value + "/", StringComparison.Ordinal))
                return found is null ? null : Entry(found);
            return boot.Find("/" + whole[_mountPoint.Value.Length..].TrimStart('/'), followLinks) is { } entry ? Mounted(entry) : null;
        }

        internal override IEnumerable<ImageEntry> Children(ImageEntry folder)
            => folder.Source is Ext4Entry entry
                ? ext4.Value.Children(entry).Select(e => e.Path == _mountPoint.Value ? Find(e.Path, followLinks: false)! : Entry(e))
                : boot.Children(folder with { Path = "/" + folder.Path[_mountPoint.Value.Length..].TrimStart('/') }).Select(Mounted);

        internal override Stream OpenRead(ImageEntry file) => file.Source is Ext4Entry entry ? ext4.Value.OpenRead(entry) : boot.OpenRead(file);

        private ImageEntry Mounted(ImageEntry entry) => entry with { Path = (_mountPoint.Value + entry.Path).TrimEnd('/') };

        private static ImageEntry Entry(Ext4Entry entry) => new(entry.Path, entry.Type, entry.Size, entry.Mode, entry.Uid, entry.Gid, entry.LinkTarget, entry);
    }
}

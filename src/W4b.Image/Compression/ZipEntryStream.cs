using System.IO.Compression;

namespace W4b.Image.Compression;

/// <summary>The data of one file in a .zip archive, with its size and CRC32 verified, which <see cref="ZipArchive"/> does not do.</summary>
internal sealed class ZipEntryStream : ReadOnlyStream
{
    private readonly ZipArchive _archive;
    private readonly ZipArchiveEntry _entry;
    private readonly Stream _data;
    private long _length;
    private uint _crc;

    private ZipEntryStream(ZipArchive archive, ZipArchiveEntry entry)
        => (_archive, _entry, _data) = (archive, entry, entry.Open());

    /// <summary>Opens the image in <paramref name="file"/>, and closes the file in the end.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, or does not hold exactly one image.</exception>
    public static ZipEntryStream Open(FileStream file)
    {
        LibLzma.Require();
        var archive = new ZipArchive(file, ZipArchiveMode.Read);
        return new ZipEntryStream(archive, ImageIn(archive));
    }

    /// <summary>The size of the image in <paramref name="file"/>, in bytes.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, or does not hold exactly one image.</exception>
    public static long RawSize(FileStream file)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        return ImageIn(archive).Length;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The entry is damaged or incomplete.</exception>
    public override unsafe int Read(Span<byte> buffer)
    {
        var read = _data.Read(buffer);
        _length += read;
        fixed (byte* data = buffer)
            _crc = LibLzma.lzma_crc32(data, (nuint)read, _crc);
        if (read == 0 && buffer.Length > 0 && (_length != _entry.Length || _crc != _entry.Crc32))
            throw new InvalidDataException($"{_entry.FullName} in the .zip archive has another size or CRC32 than the archive says");
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _data.Dispose();
            _archive.Dispose();
        }
        base.Dispose(disposing);
    }

    // The only .img, or else the only file. macOS adds entries of its own under __MACOSX, some of which end in .img.
    private static ZipArchiveEntry ImageIn(ZipArchive archive)
    {
        var files = archive.Entries
            .Where(e => e.Name.Length > 0 && !e.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList();
        var images = files.Where(e => e.Name.EndsWith(".img", StringComparison.OrdinalIgnoreCase)).ToList();
        return (images, files) switch
        {
            ([var image], _) => image,
            ([], [var file]) => file,
            _ => throw new InvalidDataException(
                $"the .zip archive holds {images.Count} .img files and {files.Count} files in all; one image is expected"),
        };
    }
}

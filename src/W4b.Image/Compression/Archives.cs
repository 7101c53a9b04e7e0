using System.Buffers.Binary;
using SharpCompress.Common;
using SharpCompress.Compressors.ZStandard;
using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>What an image file is.</summary>
public enum ArchiveKind
{
    /// <summary>The image itself, not compressed.</summary>
    Raw,
    /// <summary>XZ Utils' format.</summary>
    Xz,
    /// <summary>gzip: RFC 1952.</summary>
    Gzip,
    /// <summary>Zstandard: RFC 8878.</summary>
    Zstd,
    /// <summary>A zip archive with one image in it.</summary>
    Zip,
}

/// <summary>Reads the raw image out of .img, .xz, .gz, .zst and .zip files. The kind is told by the file's first bytes, not by its name.</summary>
public static class Archives
{
    private const int SectorSize = 512;
    private const int BufferSize = 128 * 1024;

    /// <summary>What the file at <paramref name="path"/> is.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ArchiveDamaged"/>: none of the known kinds;
    /// <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static ArchiveKind Identify(string path) => Guarded(path, () =>
    {
        using var file = Open(path);
        return Identify(file);
    });

    /// <summary>Opens the raw image in the file at <paramref name="path"/>, to be read once from its beginning to its end.</summary>
    /// <returns>A stream whose reads throw <see cref="DiagnosticCode.ArchiveDamaged"/> where the archive is damaged or ends
    /// too early; only a stream read to its end is a whole image.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ArchiveDamaged"/>, <see cref="DiagnosticCode.FileAccess"/>
    /// or <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static Stream OpenRead(string path)
    {
        var file = Guarded(path, () => Open(path));
        try
        {
            return new GuardedStream(path, Guarded(path, () => Decoder(file)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The size of the raw image in the file at <paramref name="path"/> as far as the file tells without being decoded, in
    /// bytes: a lower bound for a .gz or .zst file of several parts or a .gz of more than 4 GiB; null when it does not tell.
    /// </summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ArchiveDamaged"/>, <see cref="DiagnosticCode.FileAccess"/>
    /// or <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static long? RawSize(string path) => Guarded(path, () =>
    {
        using var file = Open(path);
        return Identify(file) switch
        {
            ArchiveKind.Raw => file.Length,
            ArchiveKind.Xz => XzIndex.Read(file)?.RawSize,
            ArchiveKind.Zstd => ZstdFrame.RawSize(file),
            ArchiveKind.Zip => ZipEntryStream.RawSize(file),
            _ => GzipRawSize(file),
        };
    });

    private static FileStream Open(string path)
        => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);

    private static Stream Decoder(FileStream file) => Identify(file) switch
    {
        ArchiveKind.Raw => file,
        ArchiveKind.Xz => XzDecoder(file),
        ArchiveKind.Zstd => new DecompressionStream(file, BufferSize, checkEndOfStream: true, leaveOpen: false),
        ArchiveKind.Zip => ZipEntryStream.Open(file),
        _ => new GzipDecoderStream(file),
    };

    private static ReadOnlyStream XzDecoder(FileStream file)
    {
        if (XzParallelDecoderStream.TryOpen(file, Environment.ProcessorCount) is { } parallel)
            return parallel;
        file.Position = 0;
        return new XzDecoderStream(file);
    }

    private static ArchiveKind Identify(FileStream file)
    {
        Span<byte> start = stackalloc byte[6];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        return start switch
        {
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => ArchiveKind.Xz,
            [0x1F, 0x8B, ..] => ArchiveKind.Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] or [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..] => ArchiveKind.Zstd,
            [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => ArchiveKind.Zip,
            _ when file.Length > 0 && file.Length % SectorSize == 0 => ArchiveKind.Raw,
            _ => throw new InvalidDataException("it is no .xz, .gz, .zst or .zip archive, and a raw image would consist of whole 512-byte sectors"),
        };
    }

    // ISIZE, RFC 1952 section 2.3.1: the size of the last member, modulo 2^32.
    private static long? GzipRawSize(FileStream file)
    {
        if (file.Length < sizeof(uint))
            return null;
        Span<byte> size = stackalloc byte[sizeof(uint)];
        file.Position = file.Length - size.Length;
        file.ReadExactly(size);
        return BinaryPrimitives.ReadUInt32LittleEndian(size);
    }

    private static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (Translated(path, e) is { } failure)
        {
            throw failure;
        }
    }

    private static W4bException? Translated(string path, Exception exception) => exception switch
    {
        InvalidDataException or EndOfStreamException or NotSupportedException or ZstdException or SharpCompressException
            => DiagnosticCode.ArchiveDamaged.Error($"{path} is damaged: {exception.Message.TrimEnd('.')}.", inner: exception),
        _ when IoFailure.IsFrom(exception) => IoFailure.Translate(exception, path),
        _ => null,
    };

    /// <summary>Reads from a decoder and says by our codes what is wrong with the file.</summary>
    private sealed class GuardedStream(string path, Stream decoder) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return decoder.Read(buffer);
            }
            catch (Exception e) when (Translated(path, e) is { } failure)
            {
                throw failure;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                decoder.Dispose();
            base.Dispose(disposing);
        }
    }
}

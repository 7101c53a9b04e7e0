using System.Security.Cryptography;
using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Download;

/// <summary>A raw base image in the cache. It is shared: copy it, do not write to it.</summary>
/// <param name="Path">The image file.</param>
/// <param name="Sha256">Its SHA-256, which is the SHA-256 of the raw image and not of what was downloaded.</param>
/// <param name="Size">Its size in bytes, holes included.</param>
public sealed record BaseImage(string Path, Sha256Digest Sha256, long Size);

/// <summary>Keeps the raw images of downloads: each is downloaded once and unpacked once.</summary>
/// <param name="download">Fetches what is not there.</param>
/// <param name="cache">Where downloads and images are.</param>
/// <param name="log">Is told what is done.</param>
public sealed class BaseImageCache(BaseImageDownload download, CacheFolder cache, IBuildLog log)
{
    /// <summary>
    /// The raw image of the file at <paramref name="url"/>: from the cache, without network and without hashing; else
    /// downloaded, verified and unpacked to <c>base/SHA256.img</c>, zeros being holes. A file that is a raw image itself
    /// stays where the download put it.
    /// </summary>
    /// <param name="url">Where the file is: http, https or file; .img, .xz, .gz, .zst or .zip.</param>
    /// <param name="checksum">The checksum of that file.</param>
    /// <param name="cancellation">Stops; nothing half-written is taken for an image.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DownloadFailed"/>, <see cref="DiagnosticCode.ChecksumMismatch"/>,
    /// <see cref="DiagnosticCode.ArchiveDamaged"/>, <see cref="DiagnosticCode.NoSpace"/> or <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public async Task<BaseImage> ObtainAsync(Uri url, Sha256Digest checksum, CancellationToken cancellation)
    {
        using var held = await cache.LockAsync($"base-{checksum}", log, cancellation).ConfigureAwait(false);
        if (FindUnpacked(checksum) is { } unpacked)
            return unpacked;
        var file = await download.FetchAsync(url, checksum, cache, log, cancellation).ConfigureAwait(false);
        try
        {
            return Archives.Identify(file) == ArchiveKind.Raw
                ? new BaseImage(file, checksum, new FileInfo(file).Length)
                : await Task.Run(() => Unpack(file, checksum, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ArchiveDamaged)
        {
            File.Delete(file);
            throw;
        }
    }

    // What was unpacked from which download: one line as sha256sum(1) prints it, so that `sha256sum -c` verifies the image.
    private string Record(Sha256Digest checksum) => Path.Combine(cache.Base, $"{checksum}.sha256sum");

    private string ImagePath(Sha256Digest raw) => Path.Combine(cache.Base, $"{raw}.img");

    private BaseImage? FindUnpacked(Sha256Digest checksum)
    {
        if (!File.Exists(Record(checksum)) || Sha256Digest.TryParse(File.ReadAllText(Record(checksum)).Split(' ')[0]) is not { } raw)
            return null;
        return new FileInfo(ImagePath(raw)) is { Exists: true } image ? new BaseImage(image.FullName, raw, image.Length) : null;
    }

    private BaseImage Unpack(string file, Sha256Digest checksum, CancellationToken cancellation)
    {
        if (Archives.RawSize(file) is { } needed)
            DiskSpace.Require(cache.Base, needed, "The unpacked base image");
        log.Info("Unpacking the base image");
        var partial = Path.Combine(cache.Base, $"{checksum}.partial");
        try
        {
            var raw = Unpack(file, partial, cancellation);
            File.Move(partial, ImagePath(raw), overwrite: true);
            File.WriteAllText(partial, $"{raw}  {raw}.img\n");
            File.Move(partial, Record(checksum), overwrite: true);
            return new BaseImage(ImagePath(raw), raw, new FileInfo(ImagePath(raw)).Length);
        }
        catch (Exception e)
        {
            File.Delete(partial);
            if (IoFailure.IsFrom(e))
                throw IoFailure.Translate(e, partial);
            throw;
        }
    }

    private Sha256Digest Unpack(string file, string target, CancellationToken cancellation)
    {
        using var source = Archives.OpenRead(file);
        using var image = File.OpenHandle(target, FileMode.Create, FileAccess.Write, FileShare.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = new SparseFileWriter(image);
        var progress = new ProgressReporter(log, "unpacking", total: 0);
        var buffer = new byte[1024 * 1024];
        while (source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            writer.Append(buffer.AsSpan(0, read));
            progress.Add(read);
        }
        writer.Finish();
        RandomAccess.FlushToDisk(image);
        return Sha256Digest.From(hash.GetHashAndReset());
    }
}

using System.Globalization;
using System.Security.Cryptography;
using W4b.Image.Compression;
using W4b.Image.Configuration;
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
/// <param name="publisher">The keys that sign known releases; those of Raspberry Pi OS when null.</param>
public sealed class BaseImageCache(BaseImageDownload download, CacheFolder cache, IBuildLog log, IReadOnlyList<PinnedKey>? publisher = null)
{
    private const string DayFormat = "yyyy-MM-dd";
    private readonly SignaturePolicy _policy = new(publisher ?? PinnedKey.OfRaspberryPiOs);
    private readonly SignatureVerifier _verifier = new(publisher ?? PinnedKey.OfRaspberryPiOs, log);

    /// <summary>
    /// The raw image of a download: from the cache, without network and without hashing; else downloaded, verified and unpacked
    /// to <c>base/SHA256.img</c>, zeros being holes. A file that is a raw image itself stays where the download put it.
    /// </summary>
    /// <param name="source">Where the file is (.img, .xz, .gz, .zst or .zip), its checksum, and who signed it.</param>
    /// <param name="cancellation">Stops; nothing half-written is taken for an image.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DownloadFailed"/>, <see cref="DiagnosticCode.ChecksumMismatch"/>,
    /// <see cref="DiagnosticCode.SignatureWrong"/>, <see cref="DiagnosticCode.SigningKeyNotValid"/>,
    /// <see cref="DiagnosticCode.ArchiveDamaged"/>, <see cref="DiagnosticCode.NoSpace"/> or <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public async Task<BaseImage> ObtainAsync(DownloadConfiguration source, CancellationToken cancellation)
    {
        var checksum = Sha256Digest.Parse(source.Sha256);
        using var held = await cache.LockAsync($"base-{checksum}", log, cancellation).ConfigureAwait(false);
        var signature = WantedSignature(source);
        if (FindUnpacked(checksum) is { } unpacked && IsSigned(signature, checksum))
            return unpacked;
        var file = await download.FetchAsync(DownloadUrl.OnMirrors(new Uri(source.Url), source.Mirrors), checksum, cache, log, cancellation).ConfigureAwait(false);
        try
        {
            if (!IsSigned(signature, checksum))
                await RequireSignatureAsync(signature!, source.Mirrors, file, checksum, cancellation).ConfigureAwait(false);
            return Archives.Identify(file) == ArchiveKind.Raw
                ? new BaseImage(file, checksum, new FileInfo(file).Length)
                : FindUnpacked(checksum) ?? await Task.Run(() => Unpack(file, checksum, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ArchiveDamaged || e.Diagnostics[0].Code == DiagnosticCode.SignatureWrong)
        {
            File.Delete(file);
            throw;
        }
    }

    /// <summary>The raw image of a download when it is in the cache; nothing is fetched or made.</summary>
    internal BaseImage? Find(DownloadConfiguration source)
        => Sha256Digest.Parse(source.Sha256) is var checksum && FindUnpacked(checksum) is { } unpacked ? unpacked
            : BaseImageDownload.Find(checksum, cache) is { } file && Archives.Identify(file) == ArchiveKind.Raw ? new BaseImage(file, checksum, new FileInfo(file).Length) : null;

    // Who signed which download, once that was verified: fingerprint and day.
    private string SignatureRecord(Sha256Digest checksum) => Path.Combine(cache.Base, $"{checksum}.signed");

    /// <summary>Whether the signature was verified before; whether it is one that is wanted is asked anew, since that is the configuration's matter.</summary>
    private bool IsSigned(SignatureConfiguration? wanted, Sha256Digest checksum)
    {
        if (wanted is null)
            return true;
        if (!File.Exists(SignatureRecord(checksum)) || File.ReadAllText(SignatureRecord(checksum)).Split(' ', '\n') is not [var fingerprint, var day, ..])
            return false;
        _policy.Require(new GoodSignature(fingerprint, DateOnly.ParseExact(day, DayFormat, CultureInfo.InvariantCulture)), wanted);
        return true;
    }

    private async Task RequireSignatureAsync(SignatureConfiguration wanted, IReadOnlyList<string> mirrors, string file, Sha256Digest checksum, CancellationToken cancellation)
    {
        var urls = DownloadUrl.OnMirrors(new Uri(wanted.Url), mirrors);
        var signature = await download.FetchSignatureAsync(urls, checksum, cache, log, cancellation).ConfigureAwait(false);
        if (await _verifier.VerifyAsync(file, signature, wanted.KeyFiles, cancellation).ConfigureAwait(false) is { } good)
        {
            _policy.Require(good, wanted);
            log.Info($"The signature is good: made on {good.Made:yyyy-MM-dd} by the key {good.Fingerprint}.");
            ContentFile.WriteAtomically(SignatureRecord(checksum), $"{good.Fingerprint} {good.Made.ToString(DayFormat, CultureInfo.InvariantCulture)}\n");
            return;
        }

        _policy.RequireMayBeUnchecked(wanted);
        WarnOfMissingKey();
    }

    // Without the key there is nothing to fetch the signature for.
    private SignatureConfiguration? WantedSignature(DownloadConfiguration source)
    {
        if (source.Signature is not { } wanted || _policy.CanBeChecked(wanted))
            return source.Signature;
        WarnOfMissingKey();
        return null;
    }

    private void WarnOfMissingKey()
        => log.Warning(new Diagnostic(DiagnosticCode.SignatureNotChecked, "The public key that signed this release is not in the SDK."));

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

using System.Net;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Download;

/// <summary>
/// Downloads files into the cache, by http, https and file URLs. A file is hashed while it arrives and gets its name in
/// the cache only when its checksum is right; what was interrupted goes on where it stopped. Proxies (http_proxy,
/// https_proxy, no_proxy) and certificates (SSL_CERT_FILE, SSL_CERT_DIR) are taken from the environment.
/// </summary>
public sealed class BaseImageDownload : IDisposable
{
    // An attempt that brought this much was not in vain, and the count starts again.
    private const long Headway = 1024 * 1024;
    private static readonly TimeSpan[] Delays = [.. new[] { 1, 2, 4, 8 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <summary>Creates a downloader.</summary>
    /// <param name="handler">Connects, instead of the default, which verifies certificates and follows redirects but
    /// for those from https to http. Disposed with this.</param>
    /// <param name="time">The clock of delays and timeouts, instead of the system's.</param>
    public BaseImageDownload(HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _client = new HttpClient(handler ?? new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(30),
            AutomaticDecompression = DecompressionMethods.None,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("W4b.Image.Sdk");
    }

    /// <summary>Makes sure that the file with that checksum is in the cache, and downloads it only when it is not.</summary>
    /// <param name="url">Where it is: http, https or file. User and password in it are sent, and shown to nobody.</param>
    /// <param name="checksum">What it has to be.</param>
    /// <param name="cache">Where it goes: <c>downloads/SHA256.EXTENSION</c>, the extension being the URL's.</param>
    /// <param name="log">Is told what is downloaded, how far it is, and each retry.</param>
    /// <param name="cancellation">Stops; the next call goes on from there.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DownloadFailed"/>, <see cref="DiagnosticCode.ChecksumMismatch"/>,
    /// <see cref="DiagnosticCode.NoSpace"/> or <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public async Task<string> FetchAsync(Uri url, Sha256Digest checksum, CacheFolder cache, IBuildLog log, CancellationToken cancellation)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https" or "file"))
            throw DiagnosticCode.DownloadFailed.Error($"'{url.OriginalString}' is no http, https or file URL.");
        using var held = await cache.LockAsync($"download-{checksum}", log, cancellation).ConfigureAwait(false);
        if (Find(checksum, cache) is { } cached)
            return cached;

        var path = Path.Combine(cache.Downloads, $"{checksum}.partial");
        try
        {
            using (var partial = await PartialDownload.OpenAsync(path, cancellation).ConfigureAwait(false))
            {
                await FetchAsync(url, checksum, partial, new Transfer(_client, _time, cache.Downloads, log), log, cancellation)
                    .ConfigureAwait(false);
                partial.Flush();
            }
            var complete = Path.Combine(cache.Downloads, $"{checksum}{DownloadUrl.Extension(url)}");
            File.Move(path, complete);
            return complete;
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ChecksumMismatch)
        {
            File.Delete(path);
            throw;
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw IoFailure.Translate(e, path);
        }
    }

    /// <summary>The file with that checksum in the cache, or null.</summary>
    internal static string? Find(Sha256Digest checksum, CacheFolder cache)
        => Directory.EnumerateFiles(cache.Downloads, $"{checksum}*")
            .Where(file => !file.EndsWith(".partial", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Fills <paramref name="partial"/> until it has the checksum.</summary>
    private async Task FetchAsync(
        Uri url, Sha256Digest checksum, PartialDownload partial, Transfer transfer, IBuildLog log, CancellationToken cancellation)
    {
        // It may be complete: the last build ended between the last byte and the renaming.
        if (partial.Sha256 == checksum)
            return;
        log.Info($"Downloading {DownloadUrl.Shown(url)}" + (partial.Length > 0 ? $", from byte {partial.Length} on" : ""));
        var resumed = await ReceiveAsync(url, partial, transfer, log, cancellation).ConfigureAwait(false);
        if (partial.Sha256 != checksum && resumed)
        {
            // The pieces need not be of the same file: it may have changed on the server in between.
            log.Info("The resumed download has a wrong checksum: downloading it again from the beginning.");
            partial.Restart();
            await ReceiveAsync(url, partial, transfer, log, cancellation).ConfigureAwait(false);
        }
        if (partial.Sha256 is var actual && actual != checksum)
            throw DiagnosticCode.ChecksumMismatch.Error($"{DownloadUrl.Shown(url)} has sha256 {actual}, not {checksum} as expected.");
    }

    /// <summary>Receives all of the file, in as many attempts as it takes while there is any headway.</summary>
    /// <returns>Whether it came in more than one piece.</returns>
    private async Task<bool> ReceiveAsync(
        Uri url, PartialDownload partial, Transfer transfer, IBuildLog log, CancellationToken cancellation)
    {
        var resumed = false;
        for (var retry = 0; ; retry++)
        {
            var before = partial.Length;
            resumed |= before > 0;
            var interruption = await transfer.ReceiveAsync(url, partial, cancellation).ConfigureAwait(false);
            if (interruption is null)
                return resumed;
            if (partial.Length - before >= Headway)
                retry = 0;
            if (!interruption.Transient || retry == Delays.Length)
                throw DiagnosticCode.DownloadFailed.Error($"{DownloadUrl.Shown(url)}: {interruption.Cause}.", inner: interruption.Exception);
            log.Info($"{DownloadUrl.Shown(url)}: {interruption.Cause}; trying again in {Delays[retry].TotalSeconds:0} s.");
            await Task.Delay(Delays[retry], _time, cancellation).ConfigureAwait(false);
        }
    }
}

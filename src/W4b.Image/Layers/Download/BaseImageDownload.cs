using System.Globalization;
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
    private const string Unfinished = ".partial";
    private const string Signature = ".sig";

    // How long a server may ask for.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);
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
    /// <param name="urls">Where it is: http, https or file. The next one is asked for what is missing when one fails or has another
    /// file. User and password in one are sent, and shown to nobody.</param>
    /// <param name="checksum">What it has to be.</param>
    /// <param name="cache">Where it goes: <c>downloads/SHA256.EXTENSION</c>, the extension being the last URL's.</param>
    /// <param name="log">Is told what is downloaded, how far it is, how fast, and each retry.</param>
    /// <param name="cancellation">Stops; the next call goes on from there.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DownloadFailed"/>, <see cref="DiagnosticCode.ChecksumMismatch"/>,
    /// <see cref="DiagnosticCode.NoSpace"/> or <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public async Task<string> FetchAsync(IReadOnlyList<Uri> urls, Sha256Digest checksum, CacheFolder cache, IBuildLog log, CancellationToken cancellation)
    {
        RequireKnownSchemes(urls);
        using var held = await cache.LockAsync($"download-{checksum}", log, cancellation).ConfigureAwait(false);
        if (Find(checksum, cache) is { } cached)
            return cached;
        var path = Path.Combine(cache.Downloads, checksum + Unfinished);
        return await FetchAsync(urls, path, Path.Combine(cache.Downloads, $"{checksum}{DownloadUrl.Extension(urls[^1])}"), log,
            (url, partial, transfer) => FetchVerifiedAsync(url, checksum, partial, transfer, log, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>Downloads the signature of the file with that checksum, anew each time: <c>downloads/SHA256.sig</c>.</summary>
    /// <param name="urls">Where it is, as for <see cref="FetchAsync(IReadOnlyList{Uri}, Sha256Digest, CacheFolder, IBuildLog, CancellationToken)"/>.</param>
    /// <param name="checksum">Whose signature it is.</param>
    /// <param name="cache">Where it goes.</param>
    /// <param name="log">Is told what is downloaded, and each retry.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="W4bException">As for the file itself.</exception>
    public async Task<string> FetchSignatureAsync(IReadOnlyList<Uri> urls, Sha256Digest checksum, CacheFolder cache, IBuildLog log, CancellationToken cancellation)
    {
        RequireKnownSchemes(urls);
        using var held = await cache.LockAsync($"download-{checksum}", log, cancellation).ConfigureAwait(false);
        var target = Path.Combine(cache.Downloads, checksum + Signature);
        return await FetchAsync(urls, target + Unfinished, target, log, async (url, partial, transfer) =>
        {
            partial.Restart();
            await ReceiveAsync(url, partial, transfer, log, cancellation).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>The file with that checksum in the cache, or null.</summary>
    internal static string? Find(Sha256Digest checksum, CacheFolder cache)
        => Directory.EnumerateFiles(cache.Downloads, $"{checksum}*")
            .Where(file => !file.Contains(Unfinished, StringComparison.Ordinal) && !file.EndsWith(Signature, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<string> FetchAsync(IReadOnlyList<Uri> urls, string path, string target, IBuildLog log,
        Func<Uri, PartialDownload, Transfer, Task> fetch, CancellationToken cancellation)
    {
        var transfer = new Transfer(_client, _time, Path.GetDirectoryName(path)!, log);
        var failures = new List<W4bException>();
        try
        {
            foreach (var url in urls)
            {
                try
                {
                    using var partial = await PartialDownload.OpenAsync(path, cancellation).ConfigureAwait(false);
                    await fetch(url, partial, transfer).ConfigureAwait(false);
                    partial.Flush();
                    PartialDownload.Complete(path, target);
                    return target;
                }
                catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ChecksumMismatch)
                {
                    PartialDownload.Delete(path);
                    failures.Add(e);
                }
                catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.DownloadFailed)
                {
                    failures.Add(e);
                }

                if (url != urls[^1])
                    log.Info($"{failures[^1].Diagnostics[0].Message} Going on with the next mirror.");
            }
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw IoFailure.Translate(e, path);
        }

        // A wrong file is the graver finding; of the others each says its own.
        throw failures.Find(f => f.Diagnostics[0].Code == DiagnosticCode.ChecksumMismatch)
            ?? (failures.Count == 1 ? failures[0] : DiagnosticCode.DownloadFailed.Error(string.Join(" ", failures.Select(f => f.Diagnostics[0].Message)), inner: failures[^1]));
    }

    private static void RequireKnownSchemes(IReadOnlyList<Uri> urls)
    {
        if (urls.FirstOrDefault(url => !url.IsAbsoluteUri || url.Scheme is not ("http" or "https" or "file")) is { } other)
            throw DiagnosticCode.DownloadFailed.Error($"{DownloadUrl.Shown(other)} is no http, https or file URL.");
    }

    /// <summary>Fills <paramref name="partial"/> until it has the checksum.</summary>
    private async Task FetchVerifiedAsync(
        Uri url, Sha256Digest checksum, PartialDownload partial, Transfer transfer, IBuildLog log, CancellationToken cancellation)
    {
        // It may be complete: the last build ended between the last byte and the renaming.
        if (partial.Sha256 == checksum)
            return;
        log.Info($"Downloading {DownloadUrl.Shown(url)}" + (partial.Length > 0 ? $", from byte {partial.Length} on" : ""));
        var (began, before) = (_time.GetTimestamp(), transfer.Received);
        var resumed = await ReceiveAsync(url, partial, transfer, log, cancellation).ConfigureAwait(false);
        if (partial.Sha256 != checksum && resumed)
        {
            // The pieces need not be of the same file: not every server says which one it sends.
            log.Info("The resumed download has a wrong checksum: downloading it again from the beginning.");
            partial.Restart();
            await ReceiveAsync(url, partial, transfer, log, cancellation).ConfigureAwait(false);
        }
        if (partial.Sha256 is var actual && actual != checksum)
            throw DiagnosticCode.ChecksumMismatch.Error($"{DownloadUrl.Shown(url)} has sha256 {actual}, not {checksum} as expected.");
        var elapsed = _time.GetElapsedTime(began);
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"Downloaded {transfer.Received - before} of {partial.Length} bytes in {elapsed.TotalSeconds:0.0} s ({ProgressReporter.Speed(transfer.Received - before, elapsed)}); the sha256 is right."));
    }

    /// <summary>Receives all of the file, in as many attempts as it takes while anything arrives.</summary>
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
            // An attempt that brought something was not in vain, and the count starts again.
            if (partial.Length > before)
                retry = 0;
            if (!interruption.Transient || retry == Delays.Length)
                throw DiagnosticCode.DownloadFailed.Error($"{DownloadUrl.Shown(url)}: {interruption.Cause}.", inner: interruption.Exception);
            var delay = interruption.RetryAfter is { } wanted && wanted > Delays[retry] ? (wanted < LongestDelay ? wanted : LongestDelay) : Delays[retry];
            log.Info($"{DownloadUrl.Shown(url)}: {interruption.Cause}; trying again in {delay.TotalSeconds:0} s.");
            await Task.Delay(delay, _time, cancellation).ConfigureAwait(false);
        }
    }
}

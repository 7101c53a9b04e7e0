using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Download;

/// <summary>Why a transfer ended before its end.</summary>
/// <param name="Cause">What happened, in a few words.</param>
/// <param name="Transient">Whether trying again may help.</param>
/// <param name="Exception">The exception behind it, when there is one.</param>
/// <param name="RetryAfter">When the server wants to be asked again, if it says so.</param>
internal sealed record Interruption(string Cause, bool Transient, Exception? Exception = null, TimeSpan? RetryAfter = null);

/// <summary>One attempt to receive the rest of a file into a <see cref="PartialDownload"/>.</summary>
/// <param name="client">Asks; its own timeout is off.</param>
/// <param name="time">The clock of the stall timeout.</param>
/// <param name="folder">Where the partial file is.</param>
/// <param name="log">Receives the progress.</param>
internal sealed class Transfer(HttpClient client, TimeProvider time, string folder, IBuildLog log)
{
    /// <summary>How long a server may send nothing.</summary>
    public static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);

    private readonly byte[] _buffer = new byte[256 * 1024];

    /// <summary>Bytes that servers have sent.</summary>
    public long Received { get; private set; }

    /// <summary>Receives from the end of <paramref name="partial"/> on, or everything when the server has no ranges.</summary>
    /// <returns>Null when the server has sent all of it, else why not.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.NoSpace"/>.</exception>
    public Task<Interruption?> ReceiveAsync(Uri url, PartialDownload partial, CancellationToken cancellation)
        => url.IsFile ? CopyAsync(url.LocalPath, partial, cancellation) : RequestAsync(url, partial, cancellation);

    private async Task<Interruption?> RequestAsync(Uri url, PartialDownload partial, CancellationToken cancellation)
    {
        using var stall = new CancellationTokenSource(StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Authorization = DownloadUrl.Credentials(url);
            if (partial.Length > 0)
            {
                request.Headers.Range = new RangeHeaderValue(partial.Length, null);
                if (partial.ValidatorOf(url) is { } validator)
                    request.Headers.TryAddWithoutValidation("If-Range", validator);
            }
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (request.Headers.Range is not null && !Continues(response, partial.Length))
            {
                partial.Restart();
                if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent)
                    return await RequestAsync(url, partial, cancellation).ConfigureAwait(false);
            }
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
                return new Interruption($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(),
                    Transient: (int)response.StatusCode is 408 or 429 or >= 500, RetryAfter: response.Headers.RetryAfter?.Delta);

            partial.Remember(url, Validator(response));
            using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            return await ReceiveAsync(body, response.Content.Headers.ContentLength, partial, () => stall.CancelAfter(StallTimeout), either.Token)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            return new Interruption(Innermost(e).Message, Transient: Innermost(e) is not
                (AuthenticationException or SocketException { SocketErrorCode: SocketError.HostNotFound }), e);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new Interruption($"the server sent nothing for {StallTimeout.TotalSeconds:0} seconds", Transient: true, e);
        }
    }

    private async Task<Interruption?> CopyAsync(string path, PartialDownload partial, CancellationToken cancellation)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            return new Interruption(e.Message, Transient: false, e);
        }
        await using (file.ConfigureAwait(false))
        {
            partial.Restart();
            return await ReceiveAsync(file, file.Length, partial, () => { }, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Interruption?> ReceiveAsync(
        Stream source, long? size, PartialDownload partial, Action alive, CancellationToken cancellation)
    {
        if (size is { } rest)
            DiskSpace.Require(folder, rest, "The download");
        var progress = new ProgressReporter(log, "downloading", partial.Length + size ?? 0, partial.Length, time);
        while (true)
        {
            int read;
            try
            {
                read = await source.ReadAsync(_buffer, cancellation).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                return new Interruption($"the connection broke after {partial.Length} bytes: {Innermost(e).Message}", Transient: true, e);
            }
            if (read == 0)
                return null;
            alive();
            Received += read;
            partial.Append(_buffer.AsSpan(0, read));
            progress.Add(read);
        }
    }

    private static bool Continues(HttpResponseMessage response, long offset)
        => response.StatusCode != HttpStatusCode.OK && response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable
            && (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From == offset);

    // A weak tag says "as good as", which is not enough for a part of a file.
    private static string? Validator(HttpResponseMessage response)
        => response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : response.Content.Headers.LastModified?.ToString("R");

    private static Exception Innermost(Exception exception)
        => exception.InnerException is { } inner ? Innermost(inner) : exception;
}

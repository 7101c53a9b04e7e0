using System.Net;
using System.Net.Http.Headers;
using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>A folder on a web server that takes WebDAV's PUT, MOVE, MKCOL and DELETE.</summary>
/// <remarks>HTTP has no way to continue a PUT: a file that was cut off is sent again from its start.</remarks>
internal sealed class HttpDestination : IDestination
{
    private readonly Uri _folder;
    private readonly HttpClient _client;

    /// <param name="folder">https or http URL of the folder, without credentials.</param>
    /// <param name="user">The account; null for none.</param>
    /// <param name="password">Its password.</param>
    public HttpDestination(Uri folder, string? user, string? password)
    {
        _folder = new Uri(folder.AbsoluteUri.TrimEnd('/') + "/");
        // Without redirects: a PUT that is redirected would become a GET.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20) }) { Timeout = Timeout.InfiniteTimeSpan };
        if (user is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public string Description => _folder.AbsoluteUri;

    public string Url => _folder.AbsoluteUri;

    public async Task<long?> SizeAsync(string name, CancellationToken cancellation)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Head, At(name)), name, [HttpStatusCode.NotFound], cancellation).ConfigureAwait(false);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : answer.Content.Headers.ContentLength;
    }

    public async Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At(name));
        // What was just written, not what a cache between us remembers.
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        using var answer = await SendAsync(request, name, [HttpStatusCode.NotFound], cancellation).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return false;
        try
        {
            await answer.Content.CopyToAsync(target, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ConnectionLostException($"{At(name)}: {e.Message}", e);
        }

        return true;
    }

    public async Task WriteAsync(string name, Stream content, CancellationToken cancellation)
    {
        content.Position = 0;
        using var request = new HttpRequestMessage(HttpMethod.Put, At(name)) { Content = new KeptContent(content) };
        (await SendAsync(request, name, [], cancellation).ConfigureAwait(false)).Dispose();
    }

    public async Task RenameAsync(string name, string newName, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(new HttpMethod("MOVE"), At(name));
        request.Headers.Add("Destination", At(newName).AbsoluteUri);
        request.Headers.Add("Overwrite", "T");
        (await SendAsync(request, newName, [], cancellation).ConfigureAwait(false)).Dispose();
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
        => (await SendAsync(new HttpRequestMessage(HttpMethod.Delete, At(name)), name, [HttpStatusCode.NotFound], cancellation).ConfigureAwait(false)).Dispose();

    // RFC 4918, 9.3: 405 when there is something already. nginx too.
    public async Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(new HttpMethod("MKCOL"), new Uri(At(name).AbsoluteUri + "/"));
        using var answer = await SendAsync(request, name, [HttpStatusCode.MethodNotAllowed], cancellation).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.MethodNotAllowed)
            return true;
        // The same status is a server's that knows no MKCOL at all.
        return answer.Content.Headers.Allow.Count > 0 && !answer.Content.Headers.Allow.Contains("MKCOL")
            ? throw DiagnosticCode.PublishFailed.Error($"{Description} takes no MKCOL: the server needs WebDAV's PUT, MOVE, MKCOL and DELETE.")
            : false;
    }

    public async Task DeleteFolderAsync(string name, CancellationToken cancellation)
        => (await SendAsync(new HttpRequestMessage(HttpMethod.Delete, new Uri(At(name).AbsoluteUri + "/")), name, [HttpStatusCode.NotFound], cancellation).ConfigureAwait(false)).Dispose();

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private Uri At(string name) => new(_folder, string.Join('/', name.Split('/').Select(Uri.EscapeDataString)));

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string name, HttpStatusCode[] alsoWell, CancellationToken cancellation)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            throw DiagnosticCode.PublishFailed.Error($"{Description}: {e.InnerException?.Message ?? e.Message}", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ConnectionLostException($"{At(name)}: {e.Message}", e);
        }

        if (answer.IsSuccessStatusCode || alsoWell.Contains(answer.StatusCode))
            return answer;
        using (answer)
        {
            var said = $"{request.Method} {At(name)}: {(int)answer.StatusCode} {answer.ReasonPhrase}";
            throw answer.StatusCode switch
            {
                HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests => new ConnectionLostException(said),
                HttpStatusCode.Unauthorized => DiagnosticCode.PublishFailed.Error($"{said}. Give publish.user and publish.password."),
                HttpStatusCode.Forbidden => DiagnosticCode.PublishFailed.Error($"{said}. The account may not write there."),
                HttpStatusCode.RequestEntityTooLarge => DiagnosticCode.PublishFailed.Error($"{said}. The server's limit is lower than the image's size (nginx: client_max_body_size)."),
                HttpStatusCode.InsufficientStorage => DiagnosticCode.PublishFailed.Error($"{said}. The server's disk is full."),
                HttpStatusCode.InternalServerError => DiagnosticCode.PublishFailed.Error($"{said}. Its error log tells why; a full disk looks like this with nginx."),
                HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented => DiagnosticCode.PublishFailed.Error($"{said}. The server needs WebDAV's PUT, MOVE, MKCOL and DELETE."),
                _ => DiagnosticCode.PublishFailed.Error($"{said}."),
            };
        }
    }

    // Leaves the stream open, since a second try needs it again, and tells its length, since servers refuse what is sent in chunks.
    private sealed class KeptContent(Stream content) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => content.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length;
            return true;
        }
    }
}

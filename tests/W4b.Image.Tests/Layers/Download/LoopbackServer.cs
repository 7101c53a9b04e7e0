using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>What a client asked for.</summary>
public sealed record Request(string Path, long? From, string? Authorization);

/// <summary>What a server answers.</summary>
public sealed record Reply(int Status, byte[] Body)
{
    public string Headers { get; init; } = "";

    /// <summary>How much of the body is sent before the connection closes.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Whether the connection stays open, silent, where it would close.</summary>
    public bool Hang { get; init; }

    /// <summary>All of it, whatever was asked for.</summary>
    public static Reply Whole(byte[] content) => new(200, content);

    /// <summary>What was asked for.</summary>
    public static Reply Part(byte[] content, Request request) => request.From switch
    {
        null => Whole(content),
        { } from when from >= content.Length => new(416, []) { Headers = $"Content-Range: bytes */{content.Length}\r\n" },
        { } from => new(206, content[(int)from..]) { Headers = $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}\r\n" },
    };
}

/// <summary>A web server for one test: one request a connection, answered by a function.</summary>
public sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly Func<Request, Reply> _answer;
    private readonly X509Certificate2? _certificate;

    public LoopbackServer(Func<Request, Reply> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        _ = AcceptAsync();
    }

    public IReadOnlyCollection<Request> Requests => _requests;

    public Uri this[string path] => new($"{(_certificate is null ? "http" : "https")}://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}");

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(_certificate);
                    stream = tls;
                }
                var request = await ReadAsync(stream);
                _requests.Enqueue(request);
                var reply = _answer(request);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {reply.Status} Status\r\nContent-Length: {reply.Body.Length}\r\nConnection: close\r\n{reply.Headers}\r\n"));
                await stream.WriteAsync(reply.Body.AsMemory(0, reply.CutAfter ?? reply.Body.Length));
                await stream.FlushAsync();
                if (reply.Hang)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, which some tests want.
        }
    }

    private static async Task<Request> ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var path = (await reader.ReadLineAsync() ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
        long? from = null;
        string? authorization = null;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = long.Parse(line["Range: bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture);
            if (line.StartsWith("Authorization: ", StringComparison.OrdinalIgnoreCase))
                authorization = line["Authorization: ".Length..];
        }
        return new Request(path, from, authorization);
    }
}

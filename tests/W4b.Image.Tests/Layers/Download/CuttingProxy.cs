using System.Net;
using System.Net.Sockets;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>A network that cuts connections: each of the first ones ends after some bytes of the server's.</summary>
public sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Queue<int> _cuts;
    private long _passed;

    public CuttingProxy(IPEndPoint server, IEnumerable<int> cuts)
    {
        (_server, _cuts) = (server, new Queue<int>(cuts));
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Bytes of the server's that went through, headers included.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Cuts that are left.</summary>
    public int CutsLeft => _cuts.Count;

    public Uri Url(string path) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}");

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
            using (var upstream = new TcpClient())
            {
                await upstream.ConnectAsync(_server, _stop.Token);
                var asking = client.GetStream().CopyToAsync(upstream.GetStream(), _stop.Token);
                var left = _cuts.TryDequeue(out var cut) ? cut : long.MaxValue;
                var buffer = new byte[16 * 1024];
                while (left > 0 && await upstream.GetStream().ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), _stop.Token) is > 0 and var read)
                {
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                    Interlocked.Add(ref _passed, read);
                    left -= read;
                }
                client.Client.Shutdown(SocketShutdown.Send);
                await asking;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client went away.
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace W4b.Image.Validation.Boot;

/// <summary>
/// Looks at a hive's ports from outside. QEMU takes every connection itself, so a port is open when the guest says something on it.
/// </summary>
/// <param name="Guest">The guest's TCP port.</param>
/// <param name="Open">Whether it is expected to be open.</param>
/// <param name="What">What listens there.</param>
internal sealed record PortProbe(int Guest, bool Open, string What)
{
    // Emulation is slow to answer; what is dropped is never answered.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15);

    /// <summary>Connects to <paramref name="hostPort"/> and tells whether what is seen is what is expected.</summary>
    public async Task<BootResult> RunAsync(int hostPort, CancellationToken cancellation)
    {
        var seen = await SeeAsync(hostPort, Open ? s_patience : s_silence, cancellation).ConfigureAwait(false);
        var port = Guest.ToString(CultureInfo.InvariantCulture);
        return new BootResult($"port-{port}", $"From the LAN {What} on port {port} {(Open ? "can be reached" : "cannot be reached")}", seen is not null == Open,
            seen is null ? "Nothing was heard." : $"Heard: {seen}");
    }

    private static async Task<string?> SeeAsync(int hostPort, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        using var client = new TcpClient();
        var buffer = new byte[200];
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, hostPort, limit.Token).ConfigureAwait(false);
            // An SSH server speaks first, a web server when asked.
            await client.GetStream().WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), limit.Token).ConfigureAwait(false);
            var count = await client.GetStream().ReadAsync(buffer, limit.Token).ConfigureAwait(false);
            return count == 0 ? null : System.Text.Encoding.ASCII.GetString(buffer, 0, count).Split('\r', '\n')[0];
        }
        catch (Exception e) when ((e is OperationCanceledException && !cancellation.IsCancellationRequested) || e is SocketException or IOException)
        {
            return null; // refused, dropped, or cut: nobody is there
        }
    }
}

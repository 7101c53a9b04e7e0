using System.Net;
using System.Net.Sockets;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>Ports of the loopback interface.</summary>
internal static class LoopbackPort
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until something listens.</summary>
    public static async Task OpenAsync(int port, Func<string> problem)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(20, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Nothing listens on port {port}: {problem()}");
            }
        }
    }
}

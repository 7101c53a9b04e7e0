using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>
/// Debian's nginx on loopback. What lies in <see cref="this[string]"/> is served at <c>/</c>; also at <c>/slow/</c>, with 200 KiB
/// a second; at <c>/moved/</c>, by a redirect; and at <c>/busy/</c>, where the answer is 503 while there is a file <c>busy</c>; and
/// at <c>/kept/</c>, where it keeps in mind how long a file was when it first sent it.
/// </summary>
public sealed class NginxServer : IDisposable
{
    private readonly TestFolder _folder = new();
    private Process? _process;
    private readonly int _port;

    public NginxServer()
    {
        Directory.CreateDirectory(_folder["www"]);
        while (true)
        {
            _port = FreePort();
            File.WriteAllText(_folder["nginx.conf"], Configuration());
            // It ends with this process, however that ends: its standard input closes.
            _process = Process.Start(new ProcessStartInfo("sh", ["-c", $"nginx -e stderr -p '{_folder.Path}' -c nginx.conf & server=$!; read -r end; kill $server; wait $server"])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            if (HasStarted(_process.StandardError))
                return;
            Stop();
        }
    }

    /// <summary>The path of a file that is served.</summary>
    public string this[string name] => Path.Combine(_folder["www"], name);

    public IPEndPoint Address => new(IPAddress.Loopback, _port);

    public string Root => $"http://127.0.0.1:{_port}";

    public Uri Url(string path) => new($"{Root}/{path}");

    /// <summary>Ends it, so that its log is complete: method, path, status, <c>Range</c> and <c>If-Range</c> of each request.</summary>
    public IReadOnlyList<string> Stop()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
            _process = null;
        }

        return File.Exists(_folder["access.log"]) ? File.ReadAllLines(_folder["access.log"]) : [];
    }

    public void Dispose()
    {
        Stop();
        _folder.Dispose();
    }

    // Told by nginx itself; another may have taken the port.
    private static bool HasStarted(StreamReader error)
    {
        var said = new List<string>();
        while (error.ReadLine() is { } line)
        {
            if (line.Contains("start worker processes", StringComparison.Ordinal))
            {
                _ = error.BaseStream.CopyToAsync(Stream.Null); // it must not wait for a reader
                return true;
            }

            if (line.Contains("Address already in use", StringComparison.Ordinal))
                return false;
            said.Add(line);
            if (line.Contains("[emerg]", StringComparison.Ordinal))
                break;
        }
        throw new InvalidOperationException("nginx does not start: " + string.Join('\n', said));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Configuration()
    {
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var temporary = string.Join(' ', new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name => $"{name}_temp_path temp_{name};"));
        return $$"""
            {{user}} daemon off; worker_processes 1; pid nginx.pid; error_log stderr notice;
            events {}
            http {
              {{temporary}}
              log_format requests escape=none '$request_method $uri $status $http_range $http_if_range';
              access_log access.log requests;
              default_type application/octet-stream;
              server {
                listen 127.0.0.1:{{_port}};
                root www;
                location /slow/ { alias {{_folder["www"]}}/; limit_rate 200k; }
                location /kept/ { alias {{_folder["www"]}}/; open_file_cache max=100 inactive=1h; open_file_cache_valid 1h; }
                location /moved/ { rewrite ^/moved/(.*)$ /$1 redirect; }
                location /busy/ { if (-f {{_folder["www"]}}/busy) { return 503; } alias {{_folder["www"]}}/; }
              }
            }
            """;
    }
}

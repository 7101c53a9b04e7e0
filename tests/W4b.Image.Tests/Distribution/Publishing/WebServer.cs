using System.Diagnostics;
using System.Text;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>A real nginx on a loopback port that takes WebDAV from one account.</summary>
internal sealed class WebServer : IDisposable
{
    public const string User = "publisher";
    public const string Password = "correct horse";

    private readonly TestFolder _folder = new();
    private readonly int _port = LoopbackPort.Free();
    private Process? _process;

    /// <param name="methods">The methods of WebDAV that it knows.</param>
    /// <param name="largest">client_max_body_size.</param>
    public WebServer(string methods = "PUT DELETE MKCOL COPY MOVE", string largest = "0")
    {
        Directory.CreateDirectory(Folder);
        foreach (var name in new[] { "body", "proxy", "fastcgi", "uwsgi", "scgi" })
            Directory.CreateDirectory(_folder[name]);
        _folder.Write("users", $"{User}:{{PLAIN}}{Password}\n");
        _folder.Write("nginx.conf", $$"""
            daemon off; master_process off; worker_processes 1; pid {{_folder["pid"]}}; error_log stderr warn;
            events { }
            http {
              access_log off; client_max_body_size {{largest}};
              client_body_temp_path {{_folder["body"]}}; proxy_temp_path {{_folder["proxy"]}}; fastcgi_temp_path {{_folder["fastcgi"]}};
              uwsgi_temp_path {{_folder["uwsgi"]}}; scgi_temp_path {{_folder["scgi"]}};
              server {
                listen 127.0.0.1:{{_port}};
                location / {
                  root {{Folder}}; dav_methods {{methods}}; dav_access user:rw all:r;
                  limit_except GET { auth_basic images; auth_basic_user_file {{_folder["users"]}}; }
                }
              }
            }

            """);
    }

    public string Folder => _folder["files"];

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    public async Task<WebServer> StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-c", _folder["nginx.conf"], "-p", _folder.Path]) { RedirectStandardError = true })!;
        var said = new StringBuilder();
        _process.ErrorDataReceived += (_, e) => { lock (said) said.AppendLine(e.Data); };
        _process.BeginErrorReadLine();
        await LoopbackPort.OpenAsync(_port, () => { lock (said) return said.ToString(); });
        return this;
    }

    public void Dispose()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
    }
}

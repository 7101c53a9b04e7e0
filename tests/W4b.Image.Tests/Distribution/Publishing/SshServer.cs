using System.Diagnostics;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>A real OpenSSH server on a loopback port, for this user, with a key of its own.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly long? _limit;
    private Process? _process;

    /// <param name="limit">Bytes that a file on it may have; a full disk looks the same. Null for no limit.</param>
    /// <param name="readOnly">Whether it refuses whatever changes something.</param>
    public SshServer(long? limit = null, bool readOnly = false)
    {
        _limit = limit;
        Port = LoopbackPort.Free();
        StockProgram.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["host_key"]);
        StockProgram.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["user_key"]);
        StockProgram.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["other_key"]);
        Directory.CreateDirectory(Folder);
        _folder.Write("sshd_config", $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {_folder["host_key"]}
            AuthorizedKeysFile {_folder["user_key"]}.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            MaxStartups 100
            # In sshd itself: a program would be run by the user's shell, which may read start-up files.
            Subsystem sftp internal-sftp{(readOnly ? " -R" : "")}

            """);
    }

    public int Port { get; }

    /// <summary>The folder that it serves.</summary>
    public string Folder => _folder["files"];

    public string Url => $"sftp://{Environment.UserName}@127.0.0.1:{Port}{Folder}";

    public string UserKey => _folder["user_key"];

    public string OtherKey => _folder["other_key"];

    public string HostKey => File.ReadAllText(_folder["host_key.pub"]).Trim();

    public string Fingerprint => StockProgram.Run("ssh-keygen", "-lf", _folder["host_key.pub"]).Split(' ')[1];

    public async Task<SshServer> StartAsync()
    {
        // Root's server locks its unprivileged parts into this folder.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");
        // setrlimit(2) lets a write fail as a full disk does, without a disk.
        var limit = _limit is null ? "" : $"ulimit -f {_limit / 512}; trap '' XFSZ; ";
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", $"{limit}exec /usr/sbin/sshd -D -e -f {_folder["sshd_config"]}"]) { RedirectStandardError = true })!;
        var said = new System.Text.StringBuilder();
        _process.ErrorDataReceived += (_, e) => { lock (said) said.AppendLine(e.Data); };
        _process.BeginErrorReadLine();
        await LoopbackPort.OpenAsync(Port, () => { lock (said) return said.ToString(); });
        return this;
    }

    /// <summary>Kills it with all of its connections.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
            Kill();
        _folder.Dispose();
    }
}

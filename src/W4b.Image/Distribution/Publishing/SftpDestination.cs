using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Sftp;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>How an SFTP server is reached.</summary>
/// <param name="Url">sftp://user@host:port/folder; <c>/~/folder</c> is below the user's home.</param>
/// <param name="User">The account.</param>
/// <param name="Keys">Private keys that may open it.</param>
/// <param name="Password">Its password; null for none.</param>
/// <param name="HostKeys">Which host keys it may have.</param>
internal sealed record SftpAccount(Uri Url, string User, IReadOnlyList<PrivateKeyFile> Keys, string? Password, KnownHostKeys HostKeys);

/// <summary>A folder on an SSH server.</summary>
internal sealed class SftpDestination(SftpAccount account) : IDestination
{
    private const int DefaultPort = 22;
    private const int ChunkSize = 256 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly string _folder = Uri.UnescapeDataString(account.Url.AbsolutePath) switch
    {
        "/~" or "/~/" => ".",
        var home when home.StartsWith("/~/", StringComparison.Ordinal) => home[3..].TrimEnd('/'),
        "/" => "",
        var path => path.TrimEnd('/'),
    };

    private SftpClient? _client;

    public string Description => $"sftp://{account.User}@{account.Url.Host}{(Port == DefaultPort ? "" : $":{Port}")}{account.Url.AbsolutePath}";

    public string Url => Description;

    private int Port => account.Url.IsDefaultPort || account.Url.Port < 0 ? DefaultPort : account.Url.Port;

    public Task<long?> SizeAsync(string name, CancellationToken cancellation) => RunAsync<long?>(name, async client =>
    {
        try
        {
            return (await client.GetAttributesAsync(At(name), cancellation).ConfigureAwait(false)).Size;
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
    }, cancellation);

    public Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation) => RunAsync(name, async client =>
    {
        try
        {
            await client.DownloadFileAsync(At(name), target, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (SftpPathNotFoundException)
        {
            return false;
        }
    }, cancellation);

    public Task WriteAsync(string name, Stream content, CancellationToken cancellation) => RunAsync(name, async client =>
    {
        var file = await client.OpenAsync(At(name), FileMode.OpenOrCreate, FileAccess.Write, cancellation).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            // Of what was opened: by its name another publisher of the same file may have renamed it since.
            var there = file.Length;
            if (there > content.Length)
            {
                file.SetLength(0);
                there = 0;
            }

            content.Position = there;
            file.Seek(there, SeekOrigin.Begin);
            var buffer = new byte[ChunkSize];
            for (int got; (got = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                await file.WriteAsync(buffer.AsMemory(0, got), cancellation).ConfigureAwait(false);
            await file.FlushAsync(cancellation).ConfigureAwait(false);
        }

        return true;
    }, cancellation);

    public Task RenameAsync(string name, string newName, CancellationToken cancellation) => RunAsync(newName, client =>
    {
        client.RenameFile(At(name), At(newName), isPosix: true);
        return Task.FromResult(true);
    }, cancellation);

    public Task DeleteAsync(string name, CancellationToken cancellation) => RunAsync(name, async client =>
    {
        try
        {
            await client.DeleteFileAsync(At(name), cancellation).ConfigureAwait(false);
        }
        catch (SftpPathNotFoundException)
        {
            // What is gone need not be removed.
        }

        return true;
    }, cancellation);

    public Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation) => RunAsync(name, async client =>
    {
        if (_folder.Length > 0 && !await client.ExistsAsync(_folder, cancellation).ConfigureAwait(false))
            throw DiagnosticCode.PublishFailed.Error($"{Description} does not exist: make the folder on the server.");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await client.CreateDirectoryAsync(At(name), cancellation).ConfigureAwait(false);
                return true;
            }
            catch (SftpException e) when (e.StatusCode == StatusCode.Failure)
            {
                // SFTP has no code of its own for what is there already.
                if (await client.ExistsAsync(At(name), cancellation).ConfigureAwait(false))
                    return false;
                // It was there, and is gone meanwhile; or the server cannot make it.
                if (attempt == 10)
                    throw;
            }
        }
    }, cancellation);

    public Task DeleteFolderAsync(string name, CancellationToken cancellation) => RunAsync(name, async client =>
    {
        try
        {
            await client.DeleteDirectoryAsync(At(name), cancellation).ConfigureAwait(false);
        }
        catch (SftpPathNotFoundException)
        {
            // As above.
        }

        return true;
    }, cancellation);

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return ValueTask.CompletedTask;
    }

    private string At(string name) => _folder is "." ? name : $"{_folder}/{name}";

    private async Task<T> RunAsync<T>(string name, Func<SftpClient, Task<T>> action, CancellationToken cancellation)
    {
        try
        {
            return await action(await ConnectAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (SftpPermissionDeniedException e)
        {
            throw DiagnosticCode.PublishFailed.Error($"The server refuses {account.User} to write {name} in {Description}: {e.Message}", inner: e);
        }
        catch (SshAuthenticationException e)
        {
            throw DiagnosticCode.PublishFailed.Error(
                $"{Description} does not let {account.User} in: {e.Message} Give its key with publish.ssh_key, or publish.password.", inner: e);
        }
        catch (Exception e) when (e is SshConnectionException or SocketException or SshOperationTimeoutException or ObjectDisposedException or ProxyException)
        {
            Disconnect();
            throw new ConnectionLostException($"{Description}: {e.Message}", e);
        }
        catch (SftpPathNotFoundException e)
        {
            throw DiagnosticCode.PublishFailed.Error($"{name} in {Description}: {e.Message}", inner: e);
        }
        catch (SshException e)
        {
            // SFTP knows one code for a full disk, a quota and everything else.
            var space = FreeBytes() is { } free ? $" {free} bytes are free there." : "";
            throw DiagnosticCode.PublishFailed.Error($"The server failed at {name} in {Description}: {e.Message}.{space}", inner: e);
        }
    }

    private async Task<SftpClient> ConnectAsync(CancellationToken cancellation)
    {
        if (_client is { IsConnected: true } connected)
            return connected;
        Disconnect();
        AuthenticationMethod[] methods =
        [
            .. account.Keys.Count == 0 ? [] : new AuthenticationMethod[] { new PrivateKeyAuthenticationMethod(account.User, [.. account.Keys]) },
            .. account.Password is null ? [] : new AuthenticationMethod[] { new PasswordAuthenticationMethod(account.User, account.Password) },
        ];
        if (methods.Length == 0)
            throw DiagnosticCode.PublishFailed.Error($"There is nothing to log in to {Description} with: no ~/.ssh/id_ed25519, id_ecdsa or id_rsa. Give a key with publish.ssh_key, or publish.password.");
        var connection = new ConnectionInfo(account.Url.Host, Port, account.User, methods) { Timeout = s_timeout };
        account.HostKeys.Restrict(connection.HostKeyAlgorithms);
        W4bException? refused = null;
        var client = new SftpClient(connection) { OperationTimeout = s_timeout, KeepAliveInterval = s_timeout };
        client.HostKeyReceived += (_, key) =>
        {
            key.CanTrust = account.HostKeys.Knows(key.HostKeyName, key.HostKey, key.FingerPrintSHA256);
            if (!key.CanTrust)
                refused = account.HostKeys.Refusal(Description, key.HostKeyName, key.FingerPrintSHA256);
        };
        try
        {
            await client.ConnectAsync(cancellation).ConfigureAwait(false);
            return _client = client;
        }
        catch (Exception e)
        {
            client.Dispose();
            if (refused is not null)
                throw refused;
            // A server that is starting or ending closes the connection in the middle of the greeting.
            if (e is SshException and not SshAuthenticationException)
                throw new ConnectionLostException($"{Description}: {e.Message}", e);
            throw;
        }
    }

    private ulong? FreeBytes()
    {
        try
        {
            return _client?.GetStatus(_folder.Length == 0 ? "/" : _folder) is { } status ? status.BlockSize * status.AvailableBlocks : null;
        }
        catch (Exception e) when (e is SshException or NotSupportedException or SocketException or ObjectDisposedException)
        {
            return null; // it only makes the message better
        }
    }

    private void Disconnect()
    {
        _client?.Dispose();
        _client = null;
    }
}

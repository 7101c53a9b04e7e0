using Renci.SshNet;
using Renci.SshNet.Common;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>What a destination is opened by; secrets stand in it as references.</summary>
/// <param name="Url">file, sftp, s3, https or http URL.</param>
/// <param name="User">The account; null for the URL's or the user's own name.</param>
/// <param name="Password">Its password.</param>
/// <param name="SshKey">Private SSH key; null for the user's own.</param>
/// <param name="SshKeyPassphrase">Its passphrase.</param>
/// <param name="HostKey">The server's host key or its fingerprint; null for known_hosts.</param>
/// <param name="Endpoint">URL of an S3-compatible server; null for the provider's own.</param>
/// <param name="Region">The region of an S3 bucket.</param>
/// <param name="Keep">How many images of a hive stay there; null for all.</param>
internal sealed record PublishTarget(string Url, string? User, Secret? Password, Secret? SshKey, Secret? SshKeyPassphrase, string? HostKey, string? Endpoint,
    string? Region, int? Keep)
{
    private static readonly string[] s_ownKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>The target of a configuration; <paramref name="folder"/> where it names none.</summary>
    public static PublishTarget Of(PublishConfiguration publish, string folder)
        => new(publish.Url ?? new Uri(folder).AbsoluteUri, publish.User, publish.Password, publish.SshKey, publish.SshKeyPassphrase, publish.HostKey,
            publish.Endpoint, publish.Region, publish.Keep);

    /// <summary>Opens it; nothing is sent yet.</summary>
    /// <exception cref="W4bException">A secret or key cannot be read.</exception>
    public IDestination Open(IBuildLog log)
    {
        var url = new Uri(Url);
        return url.Scheme switch
        {
            "file" => new FolderDestination(url.LocalPath),
            "s3" => new S3Destination(url, Endpoint, Region ?? "us-east-1", User, Resolve(Password, log), log),
            "sftp" => new SftpDestination(SftpAccountOf(url, log)),
            _ => new HttpDestination(url, User, Resolve(Password, log)),
        };
    }

    private SftpAccount SftpAccountOf(Uri url, IBuildLog log)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var user = User ?? (url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo) : Environment.UserName);
        var hostKeys = HostKey is { } key ? KnownHostKeys.OfText(key)
            : KnownHostKeys.OfFiles([Path.Combine(home, ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"], url.Host, url.Port < 0 ? 22 : url.Port);
        return new SftpAccount(url, user, [.. KeysOf(home, log)], Resolve(Password, log), hostKeys);
    }

    private IEnumerable<PrivateKeyFile> KeysOf(string home, IBuildLog log)
    {
        var passphrase = Resolve(SshKeyPassphrase, log);
        if (SshKey is not null)
            return [Parse(Resolve(SshKey, log)! + "\n", passphrase, SshKey.Place)];
        if (Password is not null)
            return [];
        return s_ownKeys.Select(name => Path.Combine(home, ".ssh", name)).Where(File.Exists).Select(file => Parse(File.ReadAllText(file), passphrase, file));
    }

    private static PrivateKeyFile Parse(string text, string? passphrase, string place)
    {
        try
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            return new PrivateKeyFile(stream, passphrase);
        }
        catch (SshPassPhraseNullOrEmptyException e)
        {
            throw DiagnosticCode.PublishFailed.Error($"The SSH key of {place} has a passphrase: give it with publish.ssh_key_passphrase.", inner: e);
        }
        catch (SshException e)
        {
            throw DiagnosticCode.PublishFailed.Error($"The SSH key of {place} cannot be used: {e.Message}", inner: e);
        }
    }

    private static string? Resolve(Secret? secret, IBuildLog log)
    {
        if (secret?.Resolve() is not { } value)
            return null;
        (log as ISecretSink)?.AddSecret(value);
        return value;
    }
}

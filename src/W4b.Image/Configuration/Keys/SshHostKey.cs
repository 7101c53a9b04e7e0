using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Utilities.IO.Pem;

namespace W4b.Image.Configuration;

/// <summary>Ed25519 host keys of an SSH server in OpenSSH's form (openssh-key-v1).</summary>
internal static class SshHostKey
{
    private const string Label = "OPENSSH PRIVATE KEY";

    /// <summary>A new private key.</summary>
    public static string New() => Write(new Ed25519PrivateKeyParameters(new SecureRandom()));

    /// <summary>The line of the public key, as in ssh_host_ed25519_key.pub; null when <paramref name="privateKey"/> is no Ed25519 key.</summary>
    public static string? PublicOf(string privateKey, string comment)
        => Read(privateKey) is { } key
            ? $"ssh-ed25519 {Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(key.GeneratePublicKey()))} {comment}" : null;

    private static Ed25519PrivateKeyParameters? Read(string text)
    {
        try
        {
            using var reader = new Org.BouncyCastle.Utilities.IO.Pem.PemReader(new StringReader(text));
            return reader.ReadPemObject() is { Type: Label } pem ? OpenSshPrivateKeyUtilities.ParsePrivateKeyBlob(pem.Content) as Ed25519PrivateKeyParameters : null;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ArgumentException or CryptoException)
        {
            return null; // encrypted, damaged, or of another kind
        }
    }

    private static string Write(Ed25519PrivateKeyParameters key)
    {
        var text = new StringWriter();
        using (var writer = new Org.BouncyCastle.Utilities.IO.Pem.PemWriter(text))
            writer.WriteObject(new PemObject(Label, OpenSshPrivateKeyUtilities.EncodePrivateKey(key)));
        return text.ToString().ReplaceLineEndings("\n");
    }
}

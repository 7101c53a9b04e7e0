using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Signing;

/// <summary>Signs an archive with a detached signature, which minisign or gpg verifies.</summary>
public static class ImageSigner
{
    /// <summary>The environment variable with the key's passphrase; not needed for a key without one.</summary>
    public const string PassphraseVariable = "W4B_SIGNING_KEY_PASSPHRASE";

    /// <summary>What a signature's name ends in, after the archive's.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".minisig", ".asc"];

    /// <summary>Signs <paramref name="archive"/>. Equal archives, keys and times give equal signatures.</summary>
    /// <param name="archive">The file to sign.</param>
    /// <param name="name">The name under which it is delivered.</param>
    /// <param name="keyFile">A secret key of minisign or, exported, of OpenPGP.</param>
    /// <param name="time">The image's time: the signature bears it.</param>
    /// <param name="signatureBase">Path of the signature without its extension.</param>
    /// <param name="log">Receives what happens; hides the passphrase.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <returns>The signature's path.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SigningFailed"/>, <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static async Task<string> SignAsync(string archive, string name, string keyFile, DateTimeOffset time, string signatureBase, IBuildLog log, CancellationToken cancellation)
    {
        var key = Read(keyFile);
        var passphrase = Environment.GetEnvironmentVariable(PassphraseVariable) is { Length: > 0 } given ? given : null;
        if (passphrase is not null)
            (log as ISecretSink)?.AddSecret(passphrase);
        var isMinisign = Encoding.ASCII.GetString(key, 0, Math.Min(key.Length, 18)) == "untrusted comment:";
        var signature = signatureBase + Extensions[isMinisign ? 0 : 1];
        if (isMinisign)
            await Minisign.SignAsync(archive, name, keyFile, passphrase, time, signature + ".partial", log, cancellation).ConfigureAwait(false);
        else
            OpenPgpSignature.Write(archive, key, keyFile, passphrase, time, signature + ".partial", cancellation);
        File.Move(signature + ".partial", signature, overwrite: true);
        log.Info($"Signed with {keyFile}: {Path.GetFileName(signature)}.");
        return signature;
    }

    private static byte[] Read(string keyFile)
    {
        try
        {
            return File.ReadAllBytes(keyFile);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw DiagnosticCode.SigningFailed.Error($"The signing key {keyFile} cannot be read: {e.Message}", inner: e);
        }
    }
}

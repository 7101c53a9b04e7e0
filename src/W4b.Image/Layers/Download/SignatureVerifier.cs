using System.Globalization;
using System.Text;
using Org.BouncyCastle.Bcpg.OpenPgp;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Download;

/// <summary>A good signature: what it says is verified.</summary>
/// <param name="Fingerprint">Fingerprint of the signer's primary key.</param>
/// <param name="Made">The day on which it was made, in UTC.</param>
internal sealed record GoodSignature(string Fingerprint, DateOnly Made);

/// <summary>Verifies detached OpenPGP signatures (RFC 4880, RFC 9580) by gpgv, with no keys but the given ones.</summary>
/// <param name="publisher">The publisher's keys.</param>
/// <param name="log">Receives gpgv's output.</param>
internal sealed class SignatureVerifier(IReadOnlyList<PinnedKey> publisher, IBuildLog log)
{
    private const string Status = "[GNUPG:] ";
    private const string NoPublicKey = "9";

    // MD5, SHA-1 and RIPEMD-160 (RFC 9580 section 9.5): two files with the same hash can be made.
    private static readonly string[] BrokenHashes = ["1", "2", "3"];

    /// <summary>The good signature of <paramref name="file"/>, made by one of the pinned keys or of <paramref name="keyFiles"/>; null when the pinned key that made it is not here.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SignatureWrong"/>, <see cref="DiagnosticCode.InvalidValue"/> (no key in a
    /// key file) or <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public async Task<GoodSignature?> VerifyAsync(string file, string signature, IReadOnlyList<string> keyFiles, CancellationToken cancellation)
    {
        var home = Directory.CreateTempSubdirectory("w4b-gpgv-");
        try
        {
            var keyring = Path.Combine(home.FullName, "keys.gpg");
            await File.WriteAllBytesAsync(keyring, Keyring(keyFiles), cancellation).ConfigureAwait(false);
            var result = await HostTool.Gpgv.RunAsync(log, ["--homedir", home.FullName, "--keyring", keyring, "--status-fd", "1", signature, file],
                cancellation, accept: [0, 1, 2]).ConfigureAwait(false);
            return Read(result);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    /// <summary>
    /// The fingerprints of the primary keys in the file at <paramref name="path"/>, armored or not.
    /// </summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.InvalidValue"/>: there is no public key in it; <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static IReadOnlyList<string> FingerprintsIn(string path)
        => [.. Rings(path).Select(ring => Convert.ToHexString(ring.GetPublicKey().GetFingerprint()))];

    // gpgv reads packets, not armor.
    private byte[] Keyring(IReadOnlyList<string> keyFiles)
    {
        var rings = publisher.Select(k => k.Armored).OfType<string>().SelectMany(text => Rings(Encoding.ASCII.GetBytes(text)))
            .Concat(keyFiles.SelectMany(Rings));
        return [.. rings.SelectMany(ring => ring.GetEncoded())];
    }

    private static List<PgpPublicKeyRing> Rings(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw IoFailure.Translate(e, path);
        }

        try
        {
            if (Rings(bytes) is { Count: > 0 } rings)
                return rings;
        }
        catch (Exception e) when (e is PgpException or IOException or InvalidCastException or ArgumentException)
        {
            throw DiagnosticCode.InvalidValue.Error($"{path} is no OpenPGP public key: {e.Message.TrimEnd('.')}.", new SourceLocation(path), e);
        }

        throw DiagnosticCode.InvalidValue.Error($"{path} holds no OpenPGP public key.", new SourceLocation(path));
    }

    private static List<PgpPublicKeyRing> Rings(byte[] bytes)
        => [.. new PgpPublicKeyRingBundle(PgpUtilities.GetDecoderStream(new MemoryStream(bytes))).GetKeyRings()];

    // The status lines are gpgv's interface for programs: doc/DETAILS of GnuPG.
    private GoodSignature? Read(ToolResult result)
    {
        var lines = result.Output.Split('\n').Where(l => l.StartsWith(Status, StringComparison.Ordinal))
            .Select(l => l[Status.Length..].Split(' ')).ToLookup(f => f[0]);
        // One good signature suffices, as long as none is wrong.
        if (result.ExitCode != 1 && !lines.Contains("BADSIG") && !lines.Contains("REVKEYSIG") && lines["VALIDSIG"].FirstOrDefault() is { } valid)
        {
            if (BrokenHashes.Contains(valid[8]))
                throw DiagnosticCode.SignatureWrong.Error("The signature is made over a hash that is broken (MD5, SHA-1 or RIPEMD-160).");
            var made = long.Parse(valid[3], CultureInfo.InvariantCulture);
            var signature = new GoodSignature(valid[^1], DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(made).UtcDateTime));
            // An expired key's signature is as good as it was, when it is from before.
            var expired = lines["KEYEXPIRED"].Select(f => long.Parse(f[1], CultureInfo.InvariantCulture)).Where(at => made >= at).ToList();
            if (lines.Contains("EXPSIG") || (lines.Contains("EXPKEYSIG") && expired.Count > 0))
                throw DiagnosticCode.SigningKeyNotValid.Error($"The key {signature.Fingerprint} or its signature had expired on {signature.Made:yyyy-MM-dd}.");
            return signature;
        }

        // Field 7: the fingerprint, since GnuPG 2.2.
        if (lines["ERRSIG"].Where(f => f.ElementAtOrDefault(6) == NoPublicKey).Select(f => f.ElementAtOrDefault(7) ?? f[1]).ToList() is { Count: > 0 } unknown)
            return publisher.Any(k => unknown.Contains(k.Fingerprint))
                ? null
                : throw DiagnosticCode.SignatureWrong.Error($"The signature was made by the key {string.Join(", ", unknown)}, which is neither one of the publisher's nor in base_image.signing_keys.");
        var why = lines.Contains("BADSIG") ? "the file is not what was signed"
            : lines.Contains("REVKEYSIG") ? "its key is revoked"
            : result.Output.Split('\n').FirstOrDefault(l => l.StartsWith("gpgv: ", StringComparison.Ordinal))?["gpgv: ".Length..] ?? "gpgv found none";
        throw DiagnosticCode.SignatureWrong.Error($"The signature is not good: {why}.");
    }
}

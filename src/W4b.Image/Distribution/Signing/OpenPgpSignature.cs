using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Signing;

/// <summary>Detached OpenPGP signatures, ASCII-armoured, without a key ring: the key stays in its file.</summary>
internal static class OpenPgpSignature
{
    private const int ChunkSize = 1 << 20;

    public static void Write(string archive, byte[] keyFile, string keyPath, string? passphrase, DateTimeOffset time, string signature, CancellationToken cancellation)
    {
        var key = SigningKey(keyFile, keyPath);
        var generator = new PgpSignatureGenerator(key.PublicKey.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, Unlock(key, keyPath, passphrase));
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetSignatureCreationTime(isCritical: false, Latest(time.UtcDateTime, key.PublicKey.CreationTime));
        packets.SetIssuerFingerprint(isCritical: false, key.PublicKey);
        generator.SetHashedSubpackets(packets.Generate());

        var buffer = new byte[ChunkSize];
        using (var input = File.OpenRead(archive))
            for (int got; (got = input.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                generator.Update(buffer, 0, got);
            }

        using var output = File.Create(signature);
        using var armor = new ArmoredOutputStream(output, new Dictionary<string, string>());
        generator.Generate().Encode(armor);
    }

    // A signature from before its key is none: gpg refuses it.
    private static DateTime Latest(DateTime image, DateTime key) => image > key ? image : key;

    private static PgpSecretKey SigningKey(byte[] keyFile, string keyPath)
    {
        try
        {
            using var stream = PgpUtilities.GetDecoderStream(new MemoryStream(keyFile));
            var keys = new PgpSecretKeyRingBundle(stream).GetKeyRings().SelectMany(r => r.GetSecretKeys()).ToList();
            // A subkey for signing is what people keep on a build machine: it goes before the primary key.
            return keys.LastOrDefault(k => k.IsSigningKey && !k.IsPrivateKeyEmpty && CanSign(k))
                ?? throw DiagnosticCode.SigningFailed.Error($"{keyPath} holds no secret OpenPGP key that can sign.");
        }
        catch (Exception e) when (e is IOException or PgpException)
        {
            throw DiagnosticCode.SigningFailed.Error($"{keyPath} is neither a secret key of minisign nor of OpenPGP: {e.Message}", inner: e);
        }
    }

    // Algorithms alone do not tell: the key's own signature says what it is for.
    private static bool CanSign(PgpSecretKey key)
        => key.PublicKey.GetSignatures().Select(s => s.GetHashedSubPackets()).Where(p => p is not null && p.HasSubpacket(SignatureSubpacketTag.KeyFlags))
            .Select(p => p.GetKeyFlags()).ToList() is not { Count: > 0 } flags || flags.Any(f => (f & PgpKeyFlags.CanSign) != 0);

    private static PgpPrivateKey Unlock(PgpSecretKey key, string keyPath, string? passphrase)
    {
        try
        {
            return key.ExtractPrivateKey((passphrase ?? "").ToCharArray());
        }
        catch (PgpException e)
        {
            throw DiagnosticCode.SigningFailed.Error(
                $"The key {keyPath} cannot be unlocked: its passphrase is taken from {ImageSigner.PassphraseVariable}{(passphrase is null ? ", which is not set" : "")}.", inner: e);
        }
    }
}

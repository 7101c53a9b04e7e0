using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Security;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Distribution.Publishing;

/// <summary>Encrypts an archive to recipients: with age, or with OpenPGP.</summary>
internal static class ImageEncryption
{
    private const int ChunkSize = 1 << 20;

    /// <summary>What the encrypted file's name ends in, after the archive's.</summary>
    public static string Extension(IReadOnlyList<string> recipients) => recipients.All(IsAge) ? ".age"
        : !recipients.Any(IsAge) ? ".gpg"
        : throw DiagnosticCode.EncryptionFailed.Error("publish.encrypt_to has recipients of age and OpenPGP keys; one file can be for one kind only.");

    /// <summary>
    /// Encrypts <paramref name="archive"/> into <paramref name="folder"/>. Each encryption differs, so that one of the same archive to the
    /// same recipients is kept: publishing again sends nothing new.
    /// </summary>
    /// <returns>The encrypted file.</returns>
    public static async Task<string> EncryptAsync(string archive, string archiveSha256, IReadOnlyList<string> recipients, string folder, IBuildLog log, CancellationToken cancellation)
    {
        var target = Path.Combine(Directory.CreateDirectory(folder).FullName, Path.GetFileName(archive) + Extension(recipients));
        var made = ContentFile.Sha256($"{archiveSha256}\n{string.Join('\n', recipients)}");
        if (File.Exists(target) && File.Exists(target + ".for") && await File.ReadAllTextAsync(target + ".for", cancellation).ConfigureAwait(false) == made)
            return target;
        log.Info($"Encrypting {Path.GetFileName(archive)} to {string.Join(", ", recipients)}.");
        var partial = target + ".partial";
        File.Delete(target + ".for");
        if (IsAge(recipients[0]))
            await AgeAsync(archive, recipients, partial, log, cancellation).ConfigureAwait(false);
        else
            OpenPgp(archive, recipients, partial, cancellation);
        File.Move(partial, target, overwrite: true);
        ContentFile.WriteAtomically(target + ".for", made);
        return target;
    }

    private static bool IsAge(string recipient) => recipient.StartsWith("age1", StringComparison.Ordinal) || recipient.StartsWith("ssh-", StringComparison.Ordinal);

    private static async Task AgeAsync(string archive, IReadOnlyList<string> recipients, string target, IBuildLog log, CancellationToken cancellation)
    {
        try
        {
            await HostTool.Age.RunAsync(log, [.. recipients.SelectMany(r => new[] { "-r", r }), "-o", target, archive], cancellation).ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ToolFailed)
        {
            File.Delete(target);
            throw DiagnosticCode.EncryptionFailed.Error(e.Message, inner: e);
        }
    }

    private static void OpenPgp(string archive, IReadOnlyList<string> keyFiles, string target, CancellationToken cancellation)
    {
        var encryption = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, new SecureRandom());
        foreach (var keyFile in keyFiles)
            encryption.AddMethod(EncryptionKey(keyFile));
        using var file = File.Create(target);
        using var encrypted = encryption.Open(file, new byte[ChunkSize]);
        using var literal = new PgpLiteralDataGenerator().Open(encrypted, PgpLiteralData.Binary, Path.GetFileName(archive), DateTime.UnixEpoch, new byte[ChunkSize]);
        using var input = File.OpenRead(archive);
        var buffer = new byte[ChunkSize];
        for (int got; (got = input.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            literal.Write(buffer, 0, got);
        }
    }

    private static PgpPublicKey EncryptionKey(string keyFile)
    {
        try
        {
            using var stream = PgpUtilities.GetDecoderStream(File.OpenRead(keyFile));
            return new PgpPublicKeyRingBundle(stream).GetKeyRings().SelectMany(r => r.GetPublicKeys()).LastOrDefault(k => k.IsEncryptionKey && !k.HasRevocation())
                ?? throw DiagnosticCode.EncryptionFailed.Error($"{keyFile} has no OpenPGP key to encrypt to.");
        }
        catch (Exception e) when (e is PgpException || IoFailure.IsFrom(e))
        {
            throw DiagnosticCode.EncryptionFailed.Error($"{keyFile} is no OpenPGP public key: {e.Message}", inner: e);
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace W4b.Image.Provisioning;

/// <summary>
/// What an image holds in place of a password. The salt comes from the password and the hive, so that building twice gives the same
/// bytes, and equal passwords of two hives still have different hashes.
/// </summary>
internal static partial class PasswordHash
{
    private const int SaltBytes = 16;
    private const int CryptDataBytes = 32768; // sizeof(struct crypt_data), crypt(3)
    private const int MaxSettingBytes = 192;  // CRYPT_GENSALT_OUTPUT_SIZE
    private const int ScramIterations = 4096; // PostgreSQL's own

    /// <summary>A yescrypt hash as shadow(5) has it, crypt(5).</summary>
    public static string Yescrypt(string password, string hiveId)
    {
        var salt = Salt(password, "yescrypt " + hiveId);
        var setting = new byte[MaxSettingBytes];
        if (GenerateSetting("$y$", 0, salt, salt.Length, setting, setting.Length) == 0)
            throw new InvalidOperationException($"libcrypt has no yescrypt (errno {Marshal.GetLastPInvokeError()}).");
        return Hash(password, setting) is { } hash && hash.StartsWith("$y$", StringComparison.Ordinal)
            ? hash : throw new InvalidOperationException($"libcrypt made no hash (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Whether <paramref name="hash"/>, as shadow(5) has it, is that of <paramref name="password"/>. A hash of a kind that libcrypt does not know is nobody's.</summary>
    public static bool Matches(string password, string hash)
    {
        var setting = new byte[Encoding.UTF8.GetByteCount(hash) + 1];
        Encoding.UTF8.GetBytes(hash, setting);
        return Hash(password, setting) == hash;
    }

    /// <summary>A verifier as PostgreSQL stores it: RFC 5802, RFC 7677. A password that is not ASCII is taken as it is, as libpq does when SASLprep refuses it.</summary>
    public static string ScramSha256(string password, string hiveId)
    {
        var salt = Salt(password, "scram " + hiveId);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, ScramIterations,
            HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${ScramIterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }

    // The result is the beginning of the data. It is read there: what is returned points to where the array was during the call, and the garbage collector moves it.
    private static string? Hash(string password, byte[] setting)
    {
        var data = new byte[CryptDataBytes];
        return Crypt(password, setting, data, data.Length) == 0 ? null : Encoding.UTF8.GetString(data.AsSpan(0, data.AsSpan().IndexOf((byte)0)));
    }

    private static byte[] Salt(string password, string purpose)
        => HMACSHA256.HashData(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(purpose))[..SaltBytes];

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt_gensalt_rn", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint GenerateSetting(string prefix, ulong count, byte[] random, int randomLength, byte[] output, int outputLength);

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt_rn", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint Crypt(string phrase, byte[] setting, byte[] data, int length);
}

using System.Security.Cryptography;
using System.Text;

namespace W4b.Image.Configuration;

/// <summary>
/// A file says by its time when it changed; an environment variable and a program's output do not. So secrets from those leave a keyed hash in
/// image.json: it changes with them, and without the key, which only this folder's owner has, it tells nothing.
/// </summary>
internal static class SecretFingerprint
{
    private const int KeyBytes = 32;

    /// <summary>The fingerprint of the secrets that come from outside of files, or null when none does.</summary>
    public static string? Of(IEnumerable<Secret> secrets, string objFolder)
    {
        var values = secrets.Where(s => s.IsOutsideFiles).Select(s => s.Resolve()).ToList();
        return values.Count == 0 ? null
            : Convert.ToHexStringLower(HMACSHA256.HashData(Key(Path.Combine(objFolder, "fingerprint.key")), Encoding.UTF8.GetBytes(string.Join('\0', values))));
    }

    /// <summary>A keyed hash of one value: it changes with it, and tells nothing without the folder's key.</summary>
    public static string Hash(string value, string objFolder)
        => Convert.ToHexStringLower(HMACSHA256.HashData(Key(Path.Combine(objFolder, "fingerprint.key")), Encoding.UTF8.GetBytes(value)));

    private static byte[] Key(string file)
    {
        if (File.Exists(file) && File.ReadAllBytes(file) is { Length: KeyBytes } known)
            return known;
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(key);
        return key;
    }
}

using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace W4b.Image.Configuration;

/// <summary>WireGuard's keys: X25519 (RFC 7748) in base64, wg(8).</summary>
internal static class WireGuardKey
{
    /// <summary>A new private key.</summary>
    public static string New()
    {
        var key = RandomNumberGenerator.GetBytes(X25519.ScalarSize);
        // As `wg genkey` does: the bits that the curve ignores have their fixed values.
        key[0] &= 248;
        key[31] = (byte)((key[31] & 127) | 64);
        return Convert.ToBase64String(key);
    }

    /// <summary>The public key of <paramref name="privateKey"/>.</summary>
    public static string PublicOf(string privateKey)
    {
        var publicKey = new byte[X25519.PointSize];
        X25519.ScalarMultBase(Convert.FromBase64String(privateKey), 0, publicKey, 0);
        return Convert.ToBase64String(publicKey);
    }
}

using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text;
using Org.BouncyCastle.Asn1.Nist;

namespace W4b.Image.Configuration;

/// <summary>
/// A public SSH key as a line of authorized_keys without options: type, base64 blob, comment. The blob is read field by field
/// (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4, OpenSSH's PROTOCOL.u2f), so that a key cut short is found here and not in a garden.
/// </summary>
internal static class SshKey
{
    private const int LeastRsaBits = 2048;

    // Type, curve, and how many fields the blob has: a security key's has the application too.
    private static readonly Dictionary<string, (string Curve, int Fields)> s_curves = new(StringComparer.Ordinal)
    {
        ["ecdsa-sha2-nistp256"] = ("nistp256", 3),
        ["ecdsa-sha2-nistp384"] = ("nistp384", 3),
        ["ecdsa-sha2-nistp521"] = ("nistp521", 3),
        ["sk-ecdsa-sha2-nistp256@openssh.com"] = ("nistp256", 4),
    };

    /// <summary>What is wrong with <paramref name="line"/>, or null.</summary>
    public static string? Problem(string line)
    {
        const string form = "a public SSH key in one line: type, base64, comment";
        var text = line.Trim();
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return $"{form}; this is a private key, which belongs nowhere in a configuration";
        var fields = text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        if (text.Any(c => char.IsControl(c) && c != '\t') || fields.Length < 2 || !Base64.IsValid(fields[1]))
            return form;
        var blob = Fields(Convert.FromBase64String(fields[1]));
        if (blob is null or [])
            return $"{form}; the base64 is cut short or damaged";
        if (Encoding.ASCII.GetString(blob[0]) != fields[0])
            return $"{form}; the key's type in its base64 is not {fields[0]}";
        return Problem(fields[0], blob) is { } problem ? $"{form}; {problem}" : null;
    }

    private static string? Problem(string type, List<byte[]> blob)
    {
        if (s_curves.TryGetValue(type, out var curve))
            return blob.Count == curve.Fields && Encoding.ASCII.GetString(blob[1]) == curve.Curve && IsPoint(blob[2], curve.Curve) ? null : "it holds no point of its curve";
        return type switch
        {
            "ssh-ed25519" => blob is [_, { Length: 32 }] ? null : "an Ed25519 key has 32 bytes",
            "sk-ssh-ed25519@openssh.com" => blob is [_, { Length: 32 }, _] ? null : "an Ed25519 key has 32 bytes",
            "ssh-rsa" => blob is not [_, var exponent, var modulus] || Bits(exponent) < 2 || Bits(modulus) == 0 ? "an RSA key has an exponent and a modulus"
                : Bits(modulus) >= LeastRsaBits ? null : $"an RSA key of {Bits(modulus)} bits is too short, {LeastRsaBits} is the least",
            "ssh-dss" => "DSA keys are accepted by no current SSH server",
            _ => "its type is not one of ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, ssh-rsa and the sk- forms",
        };
    }

    // An mpint (RFC 4251, 5); 0 for a negative one, which is none of a key's.
    private static long Bits(byte[] number)
        => new BigInteger(number, isBigEndian: true) is { Sign: >= 0 } value ? value.GetBitLength() : 0;

    // Uncompressed, as sshd takes it, and on the curve.
    private static bool IsPoint(byte[] point, string curve)
    {
        try
        {
            return point is [4, ..] && NistNamedCurves.GetByName("P-" + curve["nistp".Length..]).Curve.DecodePoint(point).IsValid();
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // A sequence of (length, bytes); null when it does not end where the data ends.
    private static List<byte[]>? Fields(byte[] blob)
    {
        var fields = new List<byte[]>();
        for (var at = 0; at < blob.Length;)
        {
            if (blob.Length - at < 4)
                return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(blob.AsSpan(at));
            if (length > blob.Length - at - 4)
                return null;
            fields.Add(blob[(at + 4)..(at + 4 + (int)length)]);
            at += 4 + (int)length;
        }

        return fields;
    }
}

/// <summary>Of SSH keys.</summary>
internal static partial class Values
{
    public static string? SshPublicKey(string value) => SshKey.Problem(value);

    public static string? SshPrivateKey(string value)
        => value.TrimStart().StartsWith("-----BEGIN ", StringComparison.Ordinal) && value.TrimEnd().EndsWith("PRIVATE KEY-----", StringComparison.Ordinal)
            ? null : "a private key in OpenSSH's or PEM form, from -----BEGIN to PRIVATE KEY-----";
}

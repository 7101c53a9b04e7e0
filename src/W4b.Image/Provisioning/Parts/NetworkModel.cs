using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>What both kinds of network configuration are written from.</summary>
/// <param name="Network">The configuration.</param>
/// <param name="HiveId">The hive.</param>
/// <param name="Resolve">Gives a password.</param>
/// <param name="LanMetric">The route metric of the LAN.</param>
/// <param name="WifiMetric">The route metric of Wi-Fi.</param>
internal sealed record NetworkModel(NetworkConfiguration Network, string HiveId, Func<Secret, string> Resolve, int LanMetric, int WifiMetric)
{
    /// <summary>An id of a connection that is the same in each build (RFC 9562, version 8).</summary>
    public Guid ConnectionId(string connection)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{HiveId}\n{connection}")).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>A key is 64 hexadecimal digits, all else a passphrase.</summary>
    public static bool IsKey(string password) => password.Length == 64 && password.All(char.IsAsciiHexDigit);
}

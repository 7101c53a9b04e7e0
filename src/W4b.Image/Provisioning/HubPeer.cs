using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>A hive as its hub must know it.</summary>
/// <param name="PublicKey">The hive's WireGuard public key.</param>
/// <param name="AllowedIps">Its addresses in the VPN, with commas.</param>
public sealed record HubPeer(string PublicKey, string AllowedIps)
{
    /// <summary>The peer of <paramref name="vpn"/>; null without a tunnel, or when a whole configuration does not tell it.</summary>
    public static HubPeer? Of(VpnConfiguration? vpn, Func<Secret, string> resolve)
    {
        if (vpn?.PrivateKey is { } key)
            return new HubPeer(WireGuardKey.PublicOf(resolve(key)), vpn.Address!);
        var text = vpn?.Config is { } config ? resolve(config) : "";
        var privateKey = WgQuickText.Values(text, "PrivateKey").FirstOrDefault();
        var addresses = WgQuickText.Values(text, "Address").SelectMany(a => a.Split(',', StringSplitOptions.TrimEntries)).Select(a => a.Split('/')[0]).ToList();
        return privateKey is null || Values.WireGuardKey(privateKey) is not null || addresses.Count == 0 ? null
            : new HubPeer(WireGuardKey.PublicOf(privateKey), string.Join(", ", addresses.Select(a => a + (a.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"))));
    }

    /// <summary>A section of the hub's configuration, for <c>wg syncconf</c> or <c>wg addconf</c>: wg(8).</summary>
    public string Section(HiveConfiguration hive) => $"# {hive.HiveId} ({hive.System.Hostname})\n[Peer]\nPublicKey = {PublicKey}\nAllowedIPs = {AllowedIps}\n";
}

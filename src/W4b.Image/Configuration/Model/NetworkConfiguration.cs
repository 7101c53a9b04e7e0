namespace W4b.Image.Configuration;

/// <summary>LAN and Wi-Fi.</summary>
/// <param name="PrefersWifi">Whether Wi-Fi is the preferred way out.</param>
/// <param name="Country">Country whose radio rules apply (ISO 3166, two letters); null when there is no Wi-Fi and none is given.</param>
/// <param name="Wifi">Wi-Fi networks.</param>
/// <param name="Lan">The LAN's static address; null for DHCP.</param>
public sealed record NetworkConfiguration(bool PrefersWifi, string? Country, IReadOnlyList<WifiNetwork> Wifi, StaticAddress? Lan);

/// <summary>A Wi-Fi network.</summary>
/// <param name="Ssid">Its name.</param>
/// <param name="Password">Passphrase or key; null for an open network.</param>
/// <param name="Priority">Higher is preferred.</param>
public sealed record WifiNetwork(string Ssid, Secret? Password, int Priority);

/// <summary>A static address.</summary>
/// <param name="Address">With prefix length.</param>
/// <param name="Gateway">The router; null for none.</param>
/// <param name="Dns">Name servers.</param>
public sealed record StaticAddress(string Address, string? Gateway, IReadOnlyList<string> Dns);

/// <summary>What may come in.</summary>
/// <param name="Enabled">Whether there is a firewall.</param>
/// <param name="Ports">Ports open from everywhere.</param>
public sealed record FirewallConfiguration(bool Enabled, IReadOnlyList<FirewallPort> Ports);

/// <summary>An open port.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record FirewallPort(int Port, string Protocol);

/// <summary>The WireGuard tunnel: either <paramref name="Config"/>, or the other values.</summary>
/// <param name="Config">A whole wg-quick file.</param>
/// <param name="PrivateKey">The hive's private key.</param>
/// <param name="PublicKey">The hub's public key.</param>
/// <param name="Endpoint">The hub, <c>host:port</c>.</param>
/// <param name="Address">The hive's address with prefix length.</param>
/// <param name="AllowedIps">The addresses behind the tunnel, with commas.</param>
/// <param name="PersistentKeepalive">Seconds; 0 for off.</param>
public sealed record VpnConfiguration(Secret? Config, Secret? PrivateKey, string? PublicKey, string? Endpoint, string? Address,
    string? AllowedIps, int PersistentKeepalive);

/// <summary>The encrypted volume of the database.</summary>
/// <param name="Server">URL of the Tang server that its key is bound to.</param>
/// <param name="Thumbprint">Thumbprint of that server's signing key; null to trust whoever answers when the volume is made.</param>
public sealed record EncryptionConfiguration(string Server, string? Thumbprint);

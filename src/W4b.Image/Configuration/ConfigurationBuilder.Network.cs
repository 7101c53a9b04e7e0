using System.Globalization;
using System.Net;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>LAN, Wi-Fi, firewall and tunnel.</summary>
internal sealed partial class ConfigurationBuilder
{
    private const string ZoneTable = "/usr/share/zoneinfo/zone.tab";

    private NetworkConfiguration Network(string timezone)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var networks = new List<WifiNetwork>();
        foreach (var key in read.Mappings("network.wifi"))
        {
            var ssid = read.Required($"{key}.ssid", "a network has a name");
            Unique(seen, ssid, $"{key}.ssid", "network");
            networks.Add(new WifiNetwork(ssid, read.Secret($"{key}.password"), read.WholeNumber($"{key}.priority") ?? 0));
        }

        var wifi = read.Text("network.primary") == "wifi";
        if (wifi && networks.Count == 0)
            read.Error(DiagnosticCode.MissingValue, "network.wifi is missing: network.primary is wifi.", "network.primary");
        return new NetworkConfiguration(wifi, networks.Count > 0 || read.IsSet("network.country") ? Country(timezone) : null, networks, Lan());
    }

    // The radio stays silent without a country; nearly always it is the one of the time zone.
    private string? Country(string timezone)
    {
        if (!read.IsSet("network.country") && File.Exists(ZoneTable)
            && File.ReadLines(ZoneTable).Select(l => l.Split('\t')).FirstOrDefault(f => f.Length > 2 && f[2] == timezone) is { } row)
            return read.Derive("network.country", row[0], "country of system.timezone");
        if (!read.IsSet("network.country"))
            read.Error(DiagnosticCode.MissingValue, $"network.country is missing: Wi-Fi needs a country, and the time zone {timezone} tells none.", "network.wifi");
        return read.Text("network.country");
    }

    private StaticAddress? Lan()
    {
        const string key = "network.lan.static";
        var ip = read.Text($"{key}.ip");
        if (read.Flag("network.lan.dhcp") ?? ip is null)
            return null;
        if (ip is null || Values.ReadCidr(ip) is not var (address, prefix))
        {
            if (!read.IsSet($"{key}.ip"))
                read.Error(DiagnosticCode.MissingValue, $"{key}.ip is missing: network.lan.dhcp is false.", "network.lan.dhcp");
            return null;
        }

        var network = Values.Network(address, prefix ?? (address.GetAddressBytes().Length == 4 ? 24 : 64));
        CheckInterfaceAddress($"{key}.ip", address, network);
        var gateway = read.Text($"{key}.gateway");
        if (gateway is not null && Values.ReadAddress(gateway) is { } router)
        {
            if (router.Equals(address))
                read.Error(DiagnosticCode.InvalidValue, $"{key}.gateway is {router}, which is the hive's own address.", $"{key}.gateway");
            else if (!Contains(network, router))
                read.Error(DiagnosticCode.InvalidValue, $"{key}.gateway is {router}, expected an address in the hive's network {network}.", $"{key}.gateway");
        }

        return new StaticAddress(string.Create(CultureInfo.InvariantCulture, $"{address}/{network.PrefixLength}"), gateway,
            [.. read.List($"{key}.dns").Select(d => d.Text)]);
    }

    private FirewallConfiguration Firewall(SshConfiguration ssh)
    {
        var ports = new List<FirewallPort>();
        foreach (var (text, place) in read.List("security.firewall.allow_ports"))
        {
            var (number, protocol) = Values.ReadFirewallPort(text)!.Value;
            var port = new FirewallPort(number, protocol);
            if (ports.Contains(port))
                read.Error(DiagnosticCode.InvalidValue, $"security.firewall.allow_ports has {number}/{protocol} twice.", place);
            ports.Add(port);
        }

        // Without a word of what is open, whoever has a key still gets in.
        if (ports.Count == 0 && !read.IsSet("security.firewall.allow_ports") && ssh.Enabled)
            ports.Add(new FirewallPort(ssh.Port, "tcp"));
        return new FirewallConfiguration(read.Flag("security.firewall.enabled") ?? true, ports);
    }

    private VpnConfiguration? Vpn(string hiveId)
    {
        const string key = "security.vpn";
        var given = read.IsSet($"{key}.private_key") || read.IsSet($"{key}.config") || read.IsSet($"{key}.public_key");
        if (!(read.Flag($"{key}.enabled") ?? given))
            return null;
        var keepalive = read.WholeNumber($"{key}.persistent_keepalive") ?? 25;
        if (read.IsSet($"{key}.config"))
            return new VpnConfiguration(read.Secret($"{key}.config"), null, null, null, null, null, keepalive);

        var endpoint = Values.ReadEndpoint(read.Required($"{key}.server", "the tunnel needs the hub's endpoint"));
        var address = Values.ReadCidr(read.Required($"{key}.client_ip", "the tunnel needs the hive's address"));
        // Without a key of its own the hive gets one from the build.
        var privateKey = read.IsSet($"{key}.private_key") ? read.Secret($"{key}.private_key") : MadeKey(hiveId, "wireguard.key", key);
        return new VpnConfiguration(null, privateKey,
            read.Required($"{key}.public_key", "the tunnel needs the hub's public key"),
            endpoint is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Host}:{e.Port}") : null,
            address is { } a ? string.Create(CultureInfo.InvariantCulture, $"{a.Address}/{a.Prefix ?? a.Address.GetAddressBytes().Length * 8}") : null,
            read.Text($"{key}.subnet"), keepalive);
    }

    private Secret MadeKey(string hiveId, string name, string key)
        => new(SecretOrigin.File, KeyFolder.PathOf(project.Place.File, hiveId, name), read.Place(key));

    private EncryptionConfiguration? Encryption()
    {
        const string key = "security.encryption";
        if (read.Flag($"{key}.enabled") != true)
            return null;
        if (read.Text("services.database.type") is null or "none")
            read.Error(DiagnosticCode.MissingValue, $"services.database.type is missing: {key} encrypts the database, and the hive has none.", $"{key}.enabled");
        return new EncryptionConfiguration(read.Required($"{key}.server", "the volume's key is bound to a Tang server"), read.Text($"{key}.thumbprint"));
    }

    // Between the sections: the hive in its VPN, and LAN and VPN apart from each other.
    private void CheckNetworks(HiveConfiguration hive)
    {
        if (hive.Vpn is not { Address: { } text, AllowedIps: { } subnets } || Values.ReadCidr(text) is not var (address, _))
            return;
        const string key = "security.vpn.client_ip";
        var networks = subnets.Split(',').Select(s => Values.ReadCidr(s)).OfType<(IPAddress Address, int? Prefix)>()
            .Select(c => Values.Network(c.Address, c.Prefix ?? c.Address.GetAddressBytes().Length * 8)).ToList();
        // Of several the narrowest is the hive's own.
        var around = networks.Where(n => Contains(n, address)).OrderByDescending(n => n.PrefixLength).ToList();
        if (around.Count == 0)
        {
            read.Error(DiagnosticCode.InvalidValue, $"{key} is {address}, expected an address in security.vpn.subnet ({subnets}).", key);
            return;
        }

        var network = around[0];
        if (network.PrefixLength == 0)
            return; // all traffic goes through the tunnel: no network of its own
        CheckInterfaceAddress(key, address, network);
        if (network.PrefixLength < address.GetAddressBytes().Length * 8 - 1 && address.Equals(First(network)))
            read.Error(DiagnosticCode.InvalidValue, $"{key} is {address}, the first address of {network}, which is the hub's.", key);
        if (hive.Network.Lan is { } lan && Values.ReadCidr(lan.Address) is var (own, prefix) && own.AddressFamily == address.AddressFamily
            && Values.Network(own, prefix!.Value) is var home && (Contains(home, network.BaseAddress) || Contains(network, home.BaseAddress)))
            read.Error(DiagnosticCode.InvalidValue, $"network.lan.static.ip lies in {home}, which overlaps the VPN's {network}.", "network.lan.static.ip");
    }

    private void CheckInterfaceAddress(string key, IPAddress address, IPNetwork network)
    {
        // A network of one or two addresses (RFC 3021, RFC 6164) has no first and last that are special.
        var bits = address.GetAddressBytes().Length * 8;
        if (network.PrefixLength >= bits - 1)
            return;
        if (address.Equals(network.BaseAddress))
            read.Error(DiagnosticCode.InvalidValue, $"{key} is {address}, which is the address of the network {network} itself.", key);
        else if (bits == 32 && address.Equals(Last(network)))
            read.Error(DiagnosticCode.InvalidValue, $"{key} is {address}, which is the broadcast address of {network}.", key);
    }

    private static bool Contains(IPNetwork network, IPAddress address)
        => address.AddressFamily == network.BaseAddress.AddressFamily && network.Contains(address);

    private static IPAddress First(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes);
    }

    private static IPAddress Last(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}

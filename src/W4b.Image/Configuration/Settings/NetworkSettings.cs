namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Network() =>
    [
        new("network.primary", SettingKind.Text, "The way out that is preferred: `lan` or `wifi`.", Default: "lan", OneOf: ["lan", "wifi"]),
        new("network.country", SettingKind.Text, "Country whose radio rules apply, two letters (ISO 3166), e.g. `DE`. Wi-Fi needs it.", Check: Values.Country),
        new("network.wifi", SettingKind.Mappings, "Wi-Fi networks."),
        new("network.wifi[].ssid", SettingKind.Text, "Name of the network, 1 to 32 bytes.", Check: Values.Ssid),
        new("network.wifi[].password", SettingKind.Secret, "WPA passphrase, 8 to 63 characters, or the key as 64 hexadecimal digits. None: an open network.",
            Check: Values.WifiPassword),
        new("network.wifi[].priority", SettingKind.WholeNumber, "The network with the higher number is preferred.", Default: "0", Least: -999, Most: 999),
        new("network.lan.dhcp", SettingKind.Boolean, "Whether the LAN's address comes by DHCP. Default: when no static address is given."),
        new("network.lan.static.ip", SettingKind.Text, "Address with prefix length, e.g. `192.168.1.20/24`; without one, /24.", Check: Values.Cidr),
        new("network.lan.static.gateway", SettingKind.Text, "Address of the router.", Check: Values.Address),
        new("network.lan.static.dns", SettingKind.List, "Addresses of name servers.", Check: Values.Address),
    ];
}

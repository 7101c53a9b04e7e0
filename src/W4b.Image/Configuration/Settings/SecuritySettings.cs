namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Security() =>
    [
        new("security.ssh.public_key", SettingKind.Text, "The same as `system.ssh.public_key`; both may be given.", Check: Values.SshPublicKey),
        new("security.ssh.private_key", SettingKind.Secret, "Private Ed25519 key of the device's SSH server in OpenSSH's form, for `system.ssh.host_keys: baked`.", Check: Values.SshPrivateKey),
        new("security.ssh.allow_root", SettingKind.Boolean, "Whether root may log in by key; the keys are then root's too.", Default: "false"),

        new("security.local_access.username", SettingKind.Text, "Account for people at the device's own keyboard.", Check: Values.UserName),
        new("security.local_access.password", SettingKind.Secret, "Its password; the image holds only its yescrypt hash.", Check: Values.Password),
        new("security.local_access.sudo_without_password", SettingKind.Boolean, "Whether it may become root without the password.", Default: "false"),

        new("security.firewall.enabled", SettingKind.Boolean, "Whether inbound traffic is dropped but for the ports allowed.", Default: "true"),
        new("security.firewall.allow_ports", SettingKind.List, "Ports open from everywhere: `22`, `9100/tcp`, `51820/udp`. A bare number is TCP; 51820 is UDP. "
            + "Default: the SSH server's. Through the tunnel SSH and metrics are open in any case.",
            Check: Values.FirewallPort),

        new("security.vpn.enabled", SettingKind.Boolean, "Whether the WireGuard tunnel is set up. Default: when `security.vpn` has a key or config."),
        new("security.vpn.type", SettingKind.Text, "`wireguard`.", Default: "wireguard", OneOf: ["wireguard"]),
        new("security.vpn.private_key", SettingKind.Secret, "The hive's WireGuard private key, 32 bytes in base64. Without one the build makes a pair: the private key stays in `keys/` beside the project, the public one goes to the manifest and into hub-peers.conf.", Check: Values.WireGuardKey),
        new("security.vpn.public_key", SettingKind.Text, "The hub's WireGuard public key, 32 bytes in base64.", Check: Values.WireGuardKey),
        new("security.vpn.server", SettingKind.Text, "The hub's endpoint: `host:port` or `host` (then port 51820).", Option: "VpnServer", Environment: "W4B_VPN_SERVER",
            Check: Values.Endpoint),
        new("security.vpn.client_ip", SettingKind.Text, "The hive's address in the VPN, with prefix length, e.g. `10.10.0.2/32`; inside `security.vpn.subnet`.",
            Check: Values.Cidr),
        new("security.vpn.subnet", SettingKind.Text, "The addresses behind the tunnel (AllowedIPs), e.g. `10.10.0.0/24`; several with commas or as a list. "
            + "The first address of each is the hub's.", Default: "10.10.0.0/24", Check: Values.CidrList, Several: true),
        new("security.vpn.persistent_keepalive", SettingKind.WholeNumber, "Seconds between keepalives; 0 for off.", Default: "25", Least: 0, Most: 65535),
        new("security.vpn.config", SettingKind.Secret, "A whole wg-quick file, instead of the keys above.", Check: Values.WgQuickFile),

        new("security.encryption.enabled", SettingKind.Boolean, "Whether the database lies on an encrypted volume, which the device opens while it reaches the Tang server.", Default: "false"),
        new("security.encryption.server", SettingKind.Text, "http URL of the Tang server that the volume's key is bound to.", Check: Values.HttpUrl),
        new("security.encryption.thumbprint", SettingKind.Text, "Thumbprint of the Tang server's signing key, as `tang-show-keys` prints it. "
            + "Without one, the device trusts the server that answers when the volume is made.", Check: Values.KeyThumbprint),
    ];
}

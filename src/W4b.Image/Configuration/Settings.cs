using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>All settings. This table is the only list of them.</summary>
public static class Settings
{
    /// <summary>The settings in the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("version", SettingKind.Text, "Version of the configuration, for its authors."),
        new("hive_id", SettingKind.Text, "The hive's id: `hive_` and letters, digits, `_` or `-`. Default: the project's name.",
            Option: "HiveId", Environment: "W4B_HIVE_ID", Check: Values.HiveId),
        new("metadata", SettingKind.Note, "What people note about the hive; nothing is built from it."),
        new("location", SettingKind.Note, "Where the hive stands, for people."),

        new("base_image.distribution", SettingKind.Text,
            "`debian` builds the base from Debian packages; `raspios` takes a Raspberry Pi OS image. Default: `raspios` when `base_image.url` or a release date is given, else `debian`.",
            Check: Values.OneOf("debian", "raspios")),
        new("base_image.version", SettingKind.Text,
            "For `debian` the suite, e.g. `trixie`. For `raspios` the release date, e.g. `2026-06-18`.", Option: "RaspiOSVersion", Environment: "W4B_RASPIOS_VERSION"),
        new("base_image.architecture", SettingKind.Text, "`arm64` or `armhf`, of the packages in the image.", Default: "arm64",
            Check: Values.OneOf("arm64", "armhf")),
        new("base_image.url", SettingKind.Text, "https, http or file URL of a .img, .img.xz, .img.gz, .img.zst or .zip. A path is taken relative to the YAML file.",
            Check: Values.ImageUrl),
        new("base_image.checksum", SettingKind.Text, "sha256 of the file at the URL: 64 hexadecimal digits, `sha256:` may stand before them.",
            Check: Values.Sha256),
        new("base_image.model", SettingKind.Text, "The Raspberry Pi: 3, 4 or 5 (`pi3`, `pi4`, `pi5` too).", Default: "3", Option: "PiModel", Environment: "W4B_PI_MODEL",
            Check: Values.PiModel),
        new("base_image.mirror", SettingKind.Text, "Debian mirror for `distribution: debian`. Default: the one of mmdebstrap.", Check: Values.HttpUrl),
        new("base_image.packages", SettingKind.List, "For `debian`: packages of the base itself, beside the ones that every hive needs."),

        new("image.size", SettingKind.Text, "Size of the image, e.g. `4G` or `3500M`, when larger than needed (used + 10 % + 256 MiB).",
            Check: Values.Size),

        new("system.hostname_prefix", SettingKind.Text, "The host name is `{prefix}-{id}`.", Default: "hive", Option: "HostnamePrefix", Environment: "W4B_HOSTNAME_PREFIX",
            Check: Values.HostnamePrefix),
        new("system.timezone", SettingKind.Text, "Time zone by its tz database name.", Default: "Etc/UTC", Option: "Timezone", Environment: "W4B_TIMEZONE",
            Check: Values.TimeZone),
        new("system.locale", SettingKind.Text, "Locale, e.g. `de_DE.UTF-8`. It is generated in the software layer.", Default: "en_US.UTF-8",
            Check: Values.Locale),
        new("system.keyboard", SettingKind.Text, "Keyboard layout (XKB), e.g. `de`.", Default: "us", Check: Values.Keyboard),
        new("system.ssh.enabled", SettingKind.Boolean, "Whether the SSH server starts.", Default: "true"),
        new("system.ssh.password_auth", SettingKind.Boolean, "Whether SSH accepts passwords.", Default: "false"),
        new("system.ssh.port", SettingKind.Number, "Port of the SSH server, 1 to 65535.", Default: "22", Check: Values.Port),
        new("system.ssh.public_key", SettingKind.Text, "Public SSH key that may log in, one line as in authorized_keys.", Check: Values.SshPublicKey),

        new("security.ssh.public_key", SettingKind.Text, "The same as `system.ssh.public_key`; both may be given.", Check: Values.SshPublicKey),
        new("security.ssh.allow_root", SettingKind.Boolean, "Whether root may log in by key; the keys are then root's too.", Default: "false"),
        new("security.vpn.enabled", SettingKind.Boolean, "Whether the WireGuard tunnel is set up. Default: when `security.vpn` has a private key or config."),
        new("security.vpn.type", SettingKind.Text, "`wireguard`.", Default: "wireguard", Check: Values.OneOf("wireguard")),
        new("security.vpn.private_key", SettingKind.Secret, "The hive's WireGuard private key, 32 bytes in base64.", Check: Values.WireGuardKey),
        new("security.vpn.public_key", SettingKind.Text, "The hub's WireGuard public key, 32 bytes in base64.", Check: Values.WireGuardKey),
        new("security.vpn.server", SettingKind.Text, "The hub's endpoint: `host:port` or `host` (then port 51820).", Option: "VpnServer", Environment: "W4B_VPN_SERVER",
            Check: Values.Endpoint),
        new("security.vpn.client_ip", SettingKind.Text, "The hive's address in the VPN, with prefix length, e.g. `10.10.0.2/32`.", Check: Values.Cidr),
        new("security.vpn.subnet", SettingKind.Text, "The addresses behind the tunnel (AllowedIPs), e.g. `10.10.0.0/24`; several with commas.",
            Default: "10.10.0.0/24", Check: Values.CidrList),
        new("security.vpn.persistent_keepalive", SettingKind.Number, "Seconds between keepalives, 0 (off) to 65535.", Default: "25",
            Check: Values.Range(0, 65535)),
        new("security.vpn.config", SettingKind.Secret, "A whole wg-quick file, instead of the keys above."),

        new("software.packages", SettingKind.List, "Debian packages installed into the image."),
        new("software.scripts", SettingKind.List, "Scripts run in the image's root as root after the packages; paths relative to the YAML file."),
    ];

    private static readonly Dictionary<string, Setting> ByKey = All.ToDictionary(s => s.Key, StringComparer.Ordinal);

    /// <summary>The setting with this key, or null.</summary>
    public static Setting? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>Whether <paramref name="key"/> is a mapping that holds settings.</summary>
    public static bool IsSection(string key) => All.Any(s => s.Key.StartsWith(key + ".", StringComparison.Ordinal));

    /// <summary>The known key nearest to <paramref name="key"/>, or null when none is near.</summary>
    public static string? NearestKey(string key) => Nearest.Of(key, All.Select(s => s.Key));
}

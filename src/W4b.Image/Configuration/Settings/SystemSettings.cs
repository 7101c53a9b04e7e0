namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> System() =>
    [
        new("system.hostname", SettingKind.Text, "The whole host name. Default: `{system.hostname_prefix}-{hive id}`, made a legal host name.",
            Check: Values.Hostname),
        new("system.hostname_prefix", SettingKind.Text, "The host name's first part.", Default: "hive", Option: "HostnamePrefix",
            Environment: "W4B_HOSTNAME_PREFIX", Check: Values.HostnamePrefix),
        new("system.timezone", SettingKind.Text, "Time zone by its tz database name.", Default: "Etc/UTC", Option: "Timezone",
            Environment: "W4B_TIMEZONE", Check: Values.TimeZone),
        new("system.locale", SettingKind.Text, "Locale, e.g. `de_DE.UTF-8`. It is generated in the software layer.", Default: "en_US.UTF-8",
            Check: Values.Locale),
        new("system.keyboard", SettingKind.Text, "Keyboard layout (XKB), e.g. `de`.", Default: "us", Check: Values.Keyboard),
        new("system.time_servers", SettingKind.List, "NTP servers, reachable without the tunnel. Default: the base's own.", Check: Values.Host),
        new("system.ssh.enabled", SettingKind.Boolean, "Whether the SSH server starts.", Default: "true"),
        new("system.ssh.password_auth", SettingKind.Boolean, "Whether SSH accepts passwords.", Default: "false"),
        new("system.ssh.port", SettingKind.WholeNumber, "TCP port of the SSH server.", Default: "22", Least: 1, Most: 65535),
        new("system.ssh.public_key", SettingKind.Text, "Public SSH key that may log in, one line as in authorized_keys.", Check: Values.SshPublicKey),
        new("system.ssh.host_keys", SettingKind.Text, "`generated`: the device makes its own when it first starts. `baked`: made by the build, so that "
            + "known_hosts can be known beforehand; the image is then a secret.", Default: "generated", OneOf: ["generated", "baked"]),

        new("administrators", SettingKind.Mappings, "People who look after the hive."),
        new("administrators[].name", SettingKind.Text, "Full name."),
        new("administrators[].email", SettingKind.Text, "Address for mail.", Check: Values.Email),
        new("administrators[].username", SettingKind.Text, "Name of the account on the device.", Check: Values.UserName),
        new("administrators[].phone", SettingKind.Text, "Telephone number."),
        new("administrators[].role", SettingKind.Text, "`hive_admin` may become root, `hive_viewer` may not.", Default: "hive_viewer", OneOf: ["hive_admin", "hive_viewer"]),
        new("administrators[].public_key", SettingKind.Text, "Public SSH key of the person.", Check: Values.SshPublicKey),

        new("maintenance.backup.enabled", SettingKind.Boolean, "Whether the database is saved at intervals.", Default: "false"),
        new("maintenance.backup.interval", SettingKind.Text, "Time between backups; a bare number is seconds, at least 60.", Default: "24h", Check: Values.BackupInterval),
        new("maintenance.backup.retention", SettingKind.Text, "How long backups are kept; a bare number is days.", Default: "7d", Check: Values.Duration),
        new("maintenance.updates.auto_update", SettingKind.Boolean, "Whether the device installs security updates by itself.", Default: "false"),
        new("maintenance.updates.update_hour", SettingKind.WholeNumber, "Hour of the day, local time, at which it may.", Default: "3", Least: 0, Most: 23),
        new("maintenance.updates.allowed_days", SettingKind.List, "Days on which it may, e.g. `sun` or `Sunday`. Default: every day.", Check: Values.Weekday),
        new("maintenance.monitoring.metrics_retention", SettingKind.Text, "How long the device keeps a record of its own load, memory, disk and network (sysstat, every ten minutes); a bare number is days. Default: it keeps none; the hub scrapes.", Check: Values.Duration),
        new("maintenance.monitoring.enable_detailed_logging", SettingKind.Boolean, "Whether services log in detail.", Default: "false"),
    ];
}

namespace W4b.Image.Configuration.HiveManager;

/// <summary>A key of the hive manager's file and the key of the image's configuration that it becomes.</summary>
/// <param name="Setting">The key, with its own check.</param>
/// <param name="Targets">What it becomes; several where the image's configuration says it twice.</param>
internal sealed record HiveManagerSetting(Setting Setting, IReadOnlyList<string> Targets);

/// <summary>
/// All keys of the hive configuration manager's file, and what becomes of each: nothing that the manager knows is lost. What is
/// valid is what is valid for the image, but where the manager asks for more.
/// </summary>
internal static class HiveManagerSettings
{
    /// <summary>The keys, in the order of the manager's own file.</summary>
    public static IReadOnlyList<HiveManagerSetting> All { get; } =
    [
        Row("hive_id"),
        Row("version", check: HiveManagerValues.SemanticVersion),
        Row("metadata.name"),
        Row("metadata.location"),
        Row("metadata.location.address"),
        Row("metadata.location.latitude"),
        Row("metadata.location.longitude"),
        Row("metadata.location.timezone", "metadata.location.timezone", "system.timezone"),
        Row("metadata.notes"),

        Row("network.primary"),
        .. List("network.wifi", "ssid", "password", "priority"),
        Row("network.lan.dhcp"),
        Row("network.lan.static.ip"),
        Row("network.lan.static.gateway"),
        Row("network.lan.static.dns"),

        Row("wireguard.client_ip", "security.vpn.client_ip"),
        Row("wireguard.persistent_keepalive", "security.vpn.persistent_keepalive"),

        .. List("administrators", "name", "email", "username", "phone", "role", "public_key"),

        .. new[] { "interval", "batch_size", "retry_attempts", "retry_delay", "buffer_size", "logging.level", "logging.max_size", "logging.retention" }
            .Select(key => Row($"collector.{key}", $"services.sensor_manager.config.{key}")),

        .. List("sensors", "id", "type", "name", "enabled", "location",
            "interface.type", "interface.pin", "interface.data_pin", "interface.clock_pin", "interface.address",
            "collection.interval", "collection.retries", "collection.samples",
            "calibration.offset", "calibration.scale", "calibration.tare", "calibration.scale_factor"),
        .. List("sensors[].alerts", "metric", "min", "max", "threshold_duration", "rate_of_change_max"),

        Row("maintenance.backup.enabled"),
        Row("maintenance.backup.interval"),
        Row("maintenance.backup.retention"),
        Row("maintenance.updates.auto_update"),
        Row("maintenance.updates.update_hour"),
        Row("maintenance.updates.allowed_days"),
        Row("maintenance.monitoring.metrics_retention"),
        Row("maintenance.monitoring.enable_detailed_logging"),

        Row("security.wireguard.private_key", "security.vpn.private_key"),
        Row("security.wireguard.public_key", "security.vpn.public_key"),
        Row("security.wireguard.endpoint", "security.vpn.server"),
        Row("security.wireguard.allowed_ips", "security.vpn.subnet"),
        Row("security.wireguard.persistent_keepalive", "security.vpn.persistent_keepalive"),
        Row("security.wireguard.client_ip", "security.vpn.client_ip"),
        Row("security.wireguard.config", "security.vpn.config"),

        .. new[] { "username", "password", "host", "port", "database", "ssl_mode" }
            .Select(key => Row($"security.database.{key}", $"services.database.{key}")),

        Row("security.ssh.private_key"),
        Row("security.ssh.public_key"),
        Row("security.ssh.enable_password_auth", "system.ssh.password_auth"),
        Row("security.ssh.allow_root"),
        Row("security.ssh.port", "system.ssh.port"),

        Row("security.local_access.username"),
        Row("security.local_access.password"),
        Row("security.local_access.sudo_without_password"),
    ];

    /// <summary>The same, to look up.</summary>
    public static SettingTable Table { get; } = new([.. All.Select(s => s.Setting)]);

    private static HiveManagerSetting Row(string key, params string[] targets) => Row(key, targets, null);

    private static HiveManagerSetting Row(string key, Func<string, string?> check) => Row(key, [], check);

    private static HiveManagerSetting Row(string key, string[] targets, Func<string, string?>? check)
    {
        string[] all = targets is [] ? [key] : targets;
        var target = Settings.Table.Find(all[0])!;
        // The manager's own defaults are in its file; the image's are the image's.
        return new HiveManagerSetting(target with { Key = key, Default = null, Option = null, Environment = null, Check = check ?? target.Check }, all);
    }

    private static IEnumerable<HiveManagerSetting> List(string key, params string[] below)
        => below.Select(b => Row($"{key}[].{b}")).Prepend(Row(key));
}

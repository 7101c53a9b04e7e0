namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Services() =>
    [
        new("services.sensor_manager.enabled", SettingKind.Boolean, "Whether the hive has a sensor manager. Default: when `sensors` or its `config` is given."),
        new("services.sensor_manager.auto_start", SettingKind.Boolean, "Whether it starts at boot.", Default: "true"),
        .. Collector("services.sensor_manager.config"),

        new("services.monitoring.enabled", SettingKind.Boolean, "Whether the node exporter runs.", Default: "false"),
        new("services.monitoring.metrics_port", SettingKind.WholeNumber, "Its TCP port.", Default: "9100", Least: 1, Most: 65535),

        new("services.database.type", SettingKind.Text, "`timescaledb`, `postgresql` or `none`.", Default: "none", OneOf: ["timescaledb", "postgresql", "none"]),
        new("services.database.version", SettingKind.Text, "Major version of PostgreSQL, or `latest`: the base's own.", Default: "latest", Check: Values.DatabaseVersion),
        new("services.database.username", SettingKind.Text, "Role of the sensor manager.", Default: "w4b", Check: Values.DatabaseName),
        new("services.database.password", SettingKind.Secret, "Its password; without one, only the socket lets it in.", Check: Values.Password),
        new("services.database.database", SettingKind.Text, "Name of the database.", Default: "w4b", Check: Values.DatabaseName),
        new("services.database.host", SettingKind.Text, "Host of the database; the device itself.", Default: "localhost", Check: Values.Host),
        new("services.database.port", SettingKind.WholeNumber, "TCP port of the database.", Default: "5432", Least: 1, Most: 65535),
        new("services.database.ssl_mode", SettingKind.Text, "libpq's sslmode.", Default: "prefer", OneOf: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        new("services.database.retention_days", SettingKind.WholeNumber, "Days that readings are kept.", Default: "30", Least: 1, Most: 36500),
        new("services.database.auto_backup", SettingKind.Boolean, "Whether the database is saved daily.", Default: "false"),
    ];

    private static IEnumerable<Setting> Collector(string key) =>
    [
        new($"{key}.interval", SettingKind.WholeNumber, "Seconds between collections.", Default: "60", Least: 1, Most: 86400),
        new($"{key}.batch_size", SettingKind.WholeNumber, "Readings written at once.", Default: "100", Least: 1, Most: 100000),
        new($"{key}.retry_attempts", SettingKind.WholeNumber, "How often a failed write is tried again before the readings are kept for later.", Default: "3", Least: 0, Most: 1000),
        new($"{key}.retry_delay", SettingKind.WholeNumber, "Seconds between tries.", Default: "5", Least: 0, Most: 86400),
        new($"{key}.buffer_size", SettingKind.WholeNumber, "Readings kept while the database is away.", Default: "10000", Least: 1, Most: 100000000),
        new($"{key}.logging.level", SettingKind.Text, "Least severity that is logged.", Default: "info", Check: Values.LogLevel),
        new($"{key}.logging.max_size", SettingKind.Text, "Size of the log, e.g. `10M`; a bare number is MiB.", Check: Values.Size),
        new($"{key}.logging.retention", SettingKind.Text, "How long it is kept; a bare number is days.", Check: Values.Duration),
    ];
}

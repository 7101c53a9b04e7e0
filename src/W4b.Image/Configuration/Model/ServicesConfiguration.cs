namespace W4b.Image.Configuration;

/// <summary>The node exporter.</summary>
/// <param name="Port">Its TCP port.</param>
public sealed record MonitoringConfiguration(int Port);

/// <summary>The database.</summary>
/// <param name="Timescale">Whether it has the extension TimescaleDB.</param>
/// <param name="Version">Major version of PostgreSQL; null for the base's own.</param>
/// <param name="Username">Role of the sensor manager.</param>
/// <param name="Password">Its password; null for none.</param>
/// <param name="Database">Name of the database.</param>
/// <param name="Host">Host; <c>localhost</c> for the device.</param>
/// <param name="Port">TCP port.</param>
/// <param name="SslMode">libpq's sslmode.</param>
/// <param name="RetentionDays">Days that readings are kept.</param>
/// <param name="DailyBackup">Whether it is saved daily.</param>
public sealed record DatabaseConfiguration(bool Timescale, int? Version, string Username, Secret? Password, string Database, string Host, int Port,
    string SslMode, int RetentionDays, bool DailyBackup);

/// <summary>The sensor manager.</summary>
/// <param name="AutoStart">Whether it starts at boot.</param>
/// <param name="Collector">How it collects.</param>
/// <param name="Sensors">The hive's sensors.</param>
public sealed record SensorManagerConfiguration(bool AutoStart, CollectorConfiguration Collector, IReadOnlyList<SensorConfiguration> Sensors)
{
    /// <summary>TCP port of its metrics, beside the node exporter's.</summary>
    public const int MetricsPort = 9102;
}

/// <summary>How readings are collected and written.</summary>
/// <param name="Interval">Seconds between collections.</param>
/// <param name="BatchSize">Readings written at once.</param>
/// <param name="RetryAttempts">How often a failed write is tried again.</param>
/// <param name="RetryDelay">Seconds between tries.</param>
/// <param name="BufferSize">Readings kept while the database is away.</param>
/// <param name="LogLevel">Least severity that is logged.</param>
/// <param name="LogSize">Size of the log in bytes; null for the system's.</param>
/// <param name="LogRetention">How long the log is kept; null for the system's.</param>
public sealed record CollectorConfiguration(int Interval, int BatchSize, int RetryAttempts, int RetryDelay, int BufferSize, string LogLevel,
    long? LogSize, TimeSpan? LogRetention);

/// <summary>A sensor.</summary>
/// <param name="Id">Unique in the hive.</param>
/// <param name="Type">What it is, e.g. <c>dht22</c>.</param>
/// <param name="Name">What people call it; null when not told.</param>
/// <param name="Enabled">Whether it is read.</param>
/// <param name="Location">Where in the hive it is; null when not told.</param>
/// <param name="Interface">How it is connected; null when its type needs no telling.</param>
/// <param name="Reading">How it is read.</param>
/// <param name="Calibration">How values are corrected.</param>
/// <param name="Alerts">When to raise an alert.</param>
public sealed record SensorConfiguration(string Id, string Type, string? Name, bool Enabled, string? Location, SensorInterface? Interface,
    SensorReading Reading, SensorCalibration Calibration, IReadOnlyList<SensorAlert> Alerts);

/// <summary>How a sensor is connected.</summary>
/// <param name="Type"><c>gpio</c>, <c>i2c</c>, <c>spi</c> or <c>w1</c>.</param>
/// <param name="Pin">GPIO number.</param>
/// <param name="DataPin">GPIO number of the data line.</param>
/// <param name="ClockPin">GPIO number of the clock line.</param>
/// <param name="Address">I2C address or 1-wire id.</param>
public sealed record SensorInterface(string Type, int? Pin, int? DataPin, int? ClockPin, string? Address);

/// <summary>How a sensor is read.</summary>
/// <param name="Interval">Seconds between readings; null for the collector's.</param>
/// <param name="Retries">How often a failed reading is tried again.</param>
/// <param name="Samples">Samples of which a reading is made.</param>
public sealed record SensorReading(int? Interval, int? Retries, int? Samples);

/// <summary>How a sensor's values are corrected; null where nothing is.</summary>
/// <param name="Offset">Added.</param>
/// <param name="Scale">Multiplied.</param>
/// <param name="Tare">Taken from a raw value.</param>
/// <param name="ScaleFactor">Raw units per unit.</param>
public sealed record SensorCalibration(double? Offset, double? Scale, double? Tare, double? ScaleFactor);

/// <summary>When to raise an alert.</summary>
/// <param name="Metric">The metric watched.</param>
/// <param name="Min">Least value that is well.</param>
/// <param name="Max">Greatest value that is well.</param>
/// <param name="ThresholdDuration">How long a value must be out of bounds.</param>
/// <param name="RateOfChangeMax">Greatest change per minute that is well.</param>
public sealed record SensorAlert(string Metric, double? Min, double? Max, TimeSpan? ThresholdDuration, double? RateOfChangeMax);

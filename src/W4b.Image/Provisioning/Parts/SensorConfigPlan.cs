using W4b.Image.Configuration;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace W4b.Image.Provisioning;

/// <summary>The sensor manager's configuration on the device. It holds no secret: the database lets its user in by the socket.</summary>
internal static class SensorConfigPlan
{
    /// <summary>Where the sensor manager reads it.</summary>
    public const string Path = "/opt/w4b/sensor_manager/config/sensor_config.yaml";

    private static readonly ISerializer s_serializer = new SerializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitEmptyCollections)
        // A reader of YAML 1.1 takes `on` for a truth and 007 for a number.
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .DisableAliases()
        .Build();

    /// <summary>The plan for <paramref name="hive"/>; empty when it has no sensor manager.</summary>
    public static FilePlan Create(HiveConfiguration hive)
    {
        if (hive.SensorManager is not { } manager)
            return FilePlan.Empty;
        return new FilePlan
        {
            Entries =
            [
                new PlannedDirectory(System.IO.Path.GetDirectoryName(Path)!, PlanModes.PublicFolder),
                PlannedFile.OfText(Path, "# Made with the image.\n" + Yaml(hive, manager)),
            ],
        };
    }

    private static string Yaml(HiveConfiguration hive, SensorManagerConfiguration manager)
    {
        var collector = manager.Collector;
        return s_serializer.Serialize(new
        {
            hive.HiveId,
            hive.System.Timezone,
            Collectors = new { collector.Interval, collector.BatchSize, collector.RetryAttempts, collector.RetryDelay, collector.BufferSize },
            Storage = hive.Database is not { } database ? null : new
            {
                Type = database.Timescale ? "timescaledb" : "postgresql",
                database.Host,
                database.Port,
                database.Database,
                database.Username,
                database.SslMode,
            },
            Sensors = manager.Sensors.Select(Sensor).ToList(),
            Logging = new
            {
                Level = hive.Maintenance.DetailedLogging ? "debug" : collector.LogLevel,
                MaxSize = collector.LogSize,
                RetentionDays = collector.LogRetention?.TotalDays,
            },
            Metrics = new { Port = SensorManagerConfiguration.MetricsPort },
        });
    }

    private static object Sensor(SensorConfiguration sensor) => new
    {
        sensor.Id,
        sensor.Type,
        sensor.Name,
        sensor.Enabled,
        sensor.Location,
        Interface = sensor.Interface is not { } wire ? null : new { wire.Type, wire.Pin, wire.DataPin, wire.ClockPin, wire.Address },
        Collection = sensor.Reading is { Interval: null, Retries: null, Samples: null } ? null
            : new { sensor.Reading.Interval, sensor.Reading.Retries, sensor.Reading.Samples },
        Calibration = sensor.Calibration is { Offset: null, Scale: null, Tare: null, ScaleFactor: null } ? null
            : new { sensor.Calibration.Offset, sensor.Calibration.Scale, sensor.Calibration.Tare, sensor.Calibration.ScaleFactor },
        Alerts = sensor.Alerts.Select(alert => new
        {
            alert.Metric,
            alert.Min,
            alert.Max,
            ThresholdDuration = alert.ThresholdDuration?.TotalSeconds,
            alert.RateOfChangeMax,
        }).ToList(),
    };
}

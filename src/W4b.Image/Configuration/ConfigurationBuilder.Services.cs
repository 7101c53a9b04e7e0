using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Services and sensors.</summary>
internal sealed partial class ConfigurationBuilder
{
    private MonitoringConfiguration? Monitoring()
        => read.Flag("services.monitoring.enabled") == true ? new MonitoringConfiguration(read.WholeNumber("services.monitoring.metrics_port") ?? 0) : null;

    private DatabaseConfiguration? Database()
    {
        const string key = "services.database";
        var type = read.Text($"{key}.type");
        if (type is null or "none")
            return null;
        return new DatabaseConfiguration(type == "timescaledb",
            read.Text($"{key}.version") is { } version && version != "latest" ? int.Parse(version, CultureInfo.InvariantCulture) : null,
            read.Text($"{key}.username") ?? "", read.Secret($"{key}.password"), read.Text($"{key}.database") ?? "", read.Text($"{key}.host") ?? "",
            read.WholeNumber($"{key}.port") ?? 0, read.Text($"{key}.ssl_mode") ?? "", read.WholeNumber($"{key}.retention_days") ?? 0,
            read.Flag($"{key}.auto_backup") ?? false);
    }

    private SensorManagerConfiguration? SensorManager()
    {
        const string key = "services.sensor_manager";
        if (!(read.Flag($"{key}.enabled") ?? (read.HasSection("sensors") || read.HasSection($"{key}.config"))))
            return null;
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        return new SensorManagerConfiguration(read.Flag($"{key}.auto_start") ?? true, Collector($"{key}.config"),
            [.. read.Mappings("sensors").Select(sensor => Sensor(sensor, seen))]);
    }

    private CollectorConfiguration Collector(string key)
        => new(read.WholeNumber($"{key}.interval") ?? 0, read.WholeNumber($"{key}.batch_size") ?? 0, read.WholeNumber($"{key}.retry_attempts") ?? 0,
            read.WholeNumber($"{key}.retry_delay") ?? 0, read.WholeNumber($"{key}.buffer_size") ?? 0,
            (read.Text($"{key}.logging.level") ?? "").ToLowerInvariant(), LogSize($"{key}.logging.max_size"),
            Duration($"{key}.logging.retention", TimeSpan.FromDays(1)));

    // A bare number is MiB, as the hive manager writes it.
    private long? LogSize(string key)
        => read.Text(key) is not { } text ? null : Values.ReadSize(text.All(char.IsAsciiDigit) ? text + "M" : text);

    private SensorConfiguration Sensor(string key, Dictionary<string, string> seen)
    {
        var id = read.Required($"{key}.id", "readings are stored under it");
        Unique(seen, id, $"{key}.id", "sensor");
        return new SensorConfiguration(id, read.Required($"{key}.type", "it tells how the sensor is read"), read.Text($"{key}.name"),
            read.Flag($"{key}.enabled") ?? true, read.Text($"{key}.location"), Interface($"{key}.interface"),
            new SensorReading(read.WholeNumber($"{key}.collection.interval"), read.WholeNumber($"{key}.collection.retries"), read.WholeNumber($"{key}.collection.samples")),
            new SensorCalibration(read.Number($"{key}.calibration.offset"), read.Number($"{key}.calibration.scale"),
                read.Number($"{key}.calibration.tare"), read.Number($"{key}.calibration.scale_factor")),
            [.. read.Mappings($"{key}.alerts").Select(Alert)]);
    }

    private SensorInterface? Interface(string key)
    {
        if (!read.HasSection(key))
            return null;
        var type = read.Required($"{key}.type", "it tells how the sensor is connected");
        var found = new SensorInterface(type, read.WholeNumber($"{key}.pin"), read.WholeNumber($"{key}.data_pin"), read.WholeNumber($"{key}.clock_pin"), read.Text($"{key}.address"));
        switch (type)
        {
            case "gpio" when !read.IsSet($"{key}.pin") && !read.IsSet($"{key}.data_pin"):
                read.Error(DiagnosticCode.MissingValue, $"{key}.pin is missing: a gpio sensor has a pin, or a data_pin and a clock_pin.", key);
                break;
            case "i2c" when !read.IsSet($"{key}.address"):
                read.Error(DiagnosticCode.MissingValue, $"{key}.address is missing: an i2c sensor has an address.", key);
                break;
            case "i2c" when found.Address is not null && Values.ReadI2cAddress(found.Address) is null:
                read.Error(DiagnosticCode.InvalidValue, $"{key}.address is \"{found.Address}\", expected an I2C address from 0x03 to 0x77.", $"{key}.address");
                break;
            default:
                break;
        }

        if (read.IsSet($"{key}.clock_pin") && found.ClockPin == found.DataPin)
            read.Error(DiagnosticCode.InvalidValue, $"{key}.clock_pin and data_pin are both GPIO {found.ClockPin}.", $"{key}.clock_pin");
        return found;
    }

    private SensorAlert Alert(string key)
    {
        var alert = new SensorAlert(read.Required($"{key}.metric", "an alert watches a metric"), read.Number($"{key}.min"), read.Number($"{key}.max"),
            Duration($"{key}.threshold_duration", TimeSpan.FromSeconds(1)), read.Number($"{key}.rate_of_change_max"));
        if (alert.Min > alert.Max)
            read.Error(DiagnosticCode.InvalidValue, string.Create(CultureInfo.InvariantCulture, $"{key}.min is {alert.Min}, more than max, {alert.Max}."), $"{key}.min");
        return alert;
    }

    // Two services cannot listen on one port.
    private void CheckPorts(HiveConfiguration hive)
    {
        var seen = new Dictionary<int, string>();
        void Listen(int port, string key)
        {
            if (!seen.TryAdd(port, key) && read.Value(key).Valid)
                read.Error(DiagnosticCode.InvalidValue, $"{key}: {seen[port]} has the port {port} already.", read.IsSet(key) ? key : seen[port]);
        }

        if (hive.Ssh.Enabled)
            Listen(hive.Ssh.Port, "system.ssh.port");
        if (hive.Monitoring is { } monitoring)
            Listen(monitoring.Port, "services.monitoring.metrics_port");
        if (hive.Database is { Host: "localhost" or "127.0.0.1" or "::1" } database)
            Listen(database.Port, "services.database.port");
        if (hive.SensorManager is not null && seen.TryGetValue(SensorManagerConfiguration.MetricsPort, out var taken))
            read.Error(DiagnosticCode.InvalidValue, $"{taken}: the sensor manager has the port {SensorManagerConfiguration.MetricsPort} for its metrics.", taken);
    }
}

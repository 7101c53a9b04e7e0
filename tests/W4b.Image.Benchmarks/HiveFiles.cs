using System.Globalization;
using System.Text;
using W4b.Image.Steps;

namespace W4b.Image.Benchmarks;

/// <summary>Configurations as operators have them, only more.</summary>
internal static class HiveFiles
{
    /// <summary>A fleet: what its hives have in common in one file, the rest in one for each.</summary>
    public static List<string> Write(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "common.yaml"), """
            system: {timezone: Europe/Berlin, locale: de_DE.UTF-8, keyboard: de, ssh: {port: 22}}
            software: {packages: [wireguard-tools, prometheus-node-exporter, python3-venv]}
            security: {firewall: {allow_ports: [22, 9100]}}
            services: {monitoring: {enabled: true}, database: {type: timescaledb}}
            """);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"hive_{i:d4}.yaml"));
            File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$$"""
                hive_id: hive_{{{i:d4}}}
                extends: common.yaml
                metadata: {name: "Hive {{{i}}}", location: Garden}
                network: {wifi: [{ssid: garden, priority: 1}], country: DE}
                sensors: [{id: scale, type: hx711, interface: {type: gpio, data_pin: 5, clock_pin: 6}}]
                """));
            return file;
        })];
    }

    /// <summary>One hive with many sensors, each with all that a sensor can have.</summary>
    public static string WriteLarge(string folder, int sensors)
    {
        var yaml = new StringBuilder("hive_id: hive_large\nextends: common.yaml\nsensors:\n");
        for (var i = 0; i < sensors; i++)
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                  - id: sensor{{i}}
                    type: bme280
                    name: Sensor {{i}}
                    location: top
                    interface: {type: i2c, address: "0x76"}
                    collection: {interval: 60, retries: 3, samples: 5}
                    calibration: {offset: 0.5, scale: 1.01}
                    alerts: [{metric: temperature, min: -10, max: 50, threshold_duration: 5m}]

                """);
        var file = Path.Combine(folder, "large.yaml");
        File.WriteAllText(file, yaml.ToString());
        return file;
    }

    /// <summary>Reads and checks one, and writes what a build would.</summary>
    public static void Read(string file, string folder)
        => ReadConfigurationStep.Run(new ConfigurationRequest(file, Path.Combine(folder, "hive.w4bproj"), [], [], [], [], [], Path.Combine(folder, "obj")),
            SilentLog.Instance);
}

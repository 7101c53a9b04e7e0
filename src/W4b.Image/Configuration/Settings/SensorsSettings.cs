namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Sensors() =>
    [
        new("sensors", SettingKind.Mappings, "The hive's sensors; they become the sensor manager's configuration."),
        new("sensors[].id", SettingKind.Text, "Its id, unique in the hive.", Check: Values.SensorId),
        new("sensors[].type", SettingKind.Text, "What it is, e.g. `dht22`, `hx711`, `bme280`.", Check: Values.SensorId),
        new("sensors[].name", SettingKind.Text, "What people call it."),
        new("sensors[].enabled", SettingKind.Boolean, "Whether it is read.", Default: "true"),
        new("sensors[].location", SettingKind.Text, "Where in the hive it is."),
        new("sensors[].interface.type", SettingKind.Text, "How it is connected.", OneOf: ["gpio", "i2c", "spi", "w1"]),
        new("sensors[].interface.pin", SettingKind.WholeNumber, "GPIO number (BCM) for `gpio` and `w1`.", Least: 0, Most: 27),
        new("sensors[].interface.data_pin", SettingKind.WholeNumber, "GPIO number of the data line.", Least: 0, Most: 27),
        new("sensors[].interface.clock_pin", SettingKind.WholeNumber, "GPIO number of the clock line.", Least: 0, Most: 27),
        new("sensors[].interface.address", SettingKind.Text, "I2C address, `0x03` to `0x77`; for `w1` the device's id; for `spi` its bus and chip select, `0.1`.", Check: Values.BusAddress),
        new("sensors[].collection.interval", SettingKind.WholeNumber, "Seconds between its readings. Default: the collector's.", Least: 1, Most: 86400),
        new("sensors[].collection.retries", SettingKind.WholeNumber, "How often a failed reading is tried again.", Least: 0, Most: 100),
        new("sensors[].collection.samples", SettingKind.WholeNumber, "Samples of which a reading is made.", Least: 1, Most: 1000),
        new("sensors[].calibration.offset", SettingKind.Number, "Added to a value."),
        new("sensors[].calibration.scale", SettingKind.Number, "Multiplies a value."),
        new("sensors[].calibration.tare", SettingKind.Number, "Taken from a raw value of a scale."),
        new("sensors[].calibration.scale_factor", SettingKind.Number, "Raw units per unit of a scale."),
        new("sensors[].alerts", SettingKind.Mappings, "When to raise an alert."),
        new("sensors[].alerts[].metric", SettingKind.Text, "The metric watched.", Check: Values.SensorId),
        new("sensors[].alerts[].min", SettingKind.Number, "Least value that is well."),
        new("sensors[].alerts[].max", SettingKind.Number, "Greatest value that is well."),
        new("sensors[].alerts[].threshold_duration", SettingKind.Text, "How long a value must be out of bounds; a bare number is seconds.", Check: Values.Duration),
        new("sensors[].alerts[].rate_of_change_max", SettingKind.Number, "Greatest change per minute that is well.", Least: 0),
    ];
}

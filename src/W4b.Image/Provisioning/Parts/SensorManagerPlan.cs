using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>The sensor manager: its account, its configuration, the sensors' buses, and its unit.</summary>
internal static class SensorManagerPlan
{
    /// <summary>Its account.</summary>
    public const string Account = "w4b-sensors";

    /// <summary>The component that it is, and its program.</summary>
    public const string Component = "sensor_manager";

    private const string Program = "/opt/w4b/venv/bin/w4b-sensor-manager";

    // As Raspberry Pi OS names them.
    private static readonly string[] DeviceGroups = ["gpio", "i2c", "spi"];

    public static FilePlan Create(PlanInputs inputs)
    {
        if (inputs.Hive.SensorManager is not { } manager)
            return FilePlan.Empty;
        var plan = new FilePlan
        {
            Groups = DeviceGroups,
            Users = [new PlannedUser(Account, "W4B sensor manager", "/var/lib/w4b-sensors", "/usr/sbin/nologin", DeviceGroups) { System = true }],
            Entries =
            [
                PlannedFile.OfText("/etc/udev/rules.d/60-w4b-sensors.rules", Template.Read("sensors-udev")),
            ],
        };
        if (inputs.Hive.Software.Components.Any(c => c.Name == Component))
            plan = plan.With(Service(inputs.Hive, manager.AutoStart));
        return FilePlan.Of(plan, SensorConfigPlan.Create(inputs.Hive), SensorBusPlan.Create(manager.Sensors));
    }

    private static FilePlan Service(HiveConfiguration hive, bool starts) => new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/systemd/system/w4b-sensor-manager.service",
                Template.Unit("w4b-sensor-manager.service", new { Account, Program, HasDatabase = hive.Database is not null })),
        ],
        Units = starts ? [new EnabledUnit("w4b-sensor-manager.service")] : [],
    };
}

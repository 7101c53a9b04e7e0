using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary><c>w4b-status</c>: what an operator asks first, in one screen.</summary>
internal static class StatusPlan
{
    public static FilePlan Create(HiveConfiguration hive) => new()
    {
        Entries =
        [
            PlannedFile.OfText("/usr/bin/w4b-status", Template.Render("w4b-status", new
            {
                HasTunnel = hive.Vpn is not null,
                hive.Database,
                KeyServer = hive.Encryption?.Server,
                EncryptionPlan.MountPoint,
                hive.Monitoring,
                hive.SensorManager,
                SensorManagerConfiguration.MetricsPort,
                Interval = hive.SensorManager?.Collector.Interval ?? 0,
            }), PlanModes.Program),
        ],
    };
}

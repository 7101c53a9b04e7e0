namespace W4b.Image.Provisioning;

/// <summary>What a device in the field needs of its system: an SD card that lasts, a clock, a watchdog.</summary>
internal static class SystemPlan
{
    public static FilePlan Create(PlanInputs inputs)
    {
        var plan = new FilePlan
        {
            Entries =
            [
                PlannedFile.OfText("/etc/systemd/journald.conf.d/90-w4b.conf", Template.Read("journald")),
                PlannedFile.OfText("/etc/systemd/system.conf.d/90-w4b.conf", Template.Read("watchdog")),
                PlannedFile.OfText("/etc/systemd/timesyncd.conf.d/90-w4b.conf", Template.Render("timesyncd", new { Servers = inputs.Hive.System.TimeServers })),
                PlannedFile.OfText("/usr/lib/w4b/clock", Template.Read("clock"), PlanModes.Program),
                PlannedFile.OfText("/etc/systemd/system/w4b-clock.service", Template.Unit("w4b-clock.service")),
                PlannedFile.OfText("/etc/systemd/system/w4b-clock.timer", Template.Read("w4b-clock.timer")),
            ],
            Units = [new EnabledUnit("w4b-clock.timer")],
        };
        return !inputs.Layer.Packages.Contains("console-setup") ? plan : plan.With(new FilePlan
        {
            Entries = [PlannedFile.OfText("/etc/systemd/system/w4b-keyboard.service", Template.Unit("w4b-keyboard.service"))],
            Units = [new EnabledUnit("w4b-keyboard.service")],
        });
    }
}

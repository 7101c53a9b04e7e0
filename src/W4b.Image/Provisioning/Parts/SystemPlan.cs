namespace W4b.Image.Provisioning;

/// <summary>What a device in the field needs of its system: an SD card that lasts, a clock, a watchdog, all of its card.</summary>
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
        if (inputs.Layer.Packages.Contains("console-setup"))
            plan = plan.With(new FilePlan
            {
                Entries = [PlannedFile.OfText("/etc/systemd/system/w4b-keyboard.service", Template.Unit("w4b-keyboard.service"))],
                Units = [new EnabledUnit("w4b-keyboard.service")],
            });
        return inputs.Layer.IsRaspberryPiOs ? plan.With(OfRaspberryPiOs(inputs.Layer)) : plan.With(OfDebian());
    }

    // Raspberry Pi OS grows its root partition and has swap by itself.
    private static FilePlan OfRaspberryPiOs(LayerFacts layer) => new()
    {
        Entries =
        [
            // It would replace the SSH host key, one that was made with the image too.
            new PlannedLink("/etc/systemd/system/regenerate_ssh_host_keys.service", "/dev/null"),
            // It would ask on the screen for the first user's name, and keep the device from starting until it is told.
            .. layer.Packages.Contains("userconf-pi") ? [new PlannedLink("/etc/systemd/system/userconfig.service", "/dev/null")] : Array.Empty<PlanEntry>(),
        ],
    };

    private static FilePlan OfDebian() => new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/systemd/zram-generator.conf", Template.Read("zram-generator")),
            PlannedFile.OfText("/usr/lib/w4b/grow-root", Template.Read("grow-root"), PlanModes.Program),
            PlannedFile.OfText("/etc/systemd/system/w4b-grow-root.service", Template.Unit("w4b-grow-root.service")),
        ],
        Units = [new EnabledUnit("w4b-grow-root.service")],
    };
}

using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Security updates in the hive's own window; without one, the device changes nothing by itself.</summary>
internal static class UpdatesPlan
{
    private static readonly string[] Timers = ["apt-daily.timer", "apt-daily-upgrade.timer"];

    public static FilePlan Create(UpdatesConfiguration? updates)
    {
        if (updates is null)
            return new FilePlan { Entries = [.. Timers.Select(timer => new PlannedLink($"/etc/systemd/system/{timer}", "/dev/null"))] };
        var model = new
        {
            updates.Hour,
            Days = updates.Days.Count == 7 ? "" : string.Join(',', updates.Days.Select(d => d.ToString()[..3])),
        };
        return new FilePlan
        {
            Entries =
            [
                PlannedFile.OfText("/etc/apt/apt.conf.d/60w4b-updates", Template.Render("apt-updates", model)),
                .. Timers.Select(timer => PlannedFile.OfText($"/etc/systemd/system/{timer}.d/10-w4b.conf", Template.Render("apt-timer", model))),
            ],
            Units = [.. Timers.Select(timer => new EnabledUnit(timer, "apt")), new EnabledUnit("unattended-upgrades.service", "unattended-upgrades")],
        };
    }
}

using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Security updates in the hive's own window; without one, the device changes nothing by itself.</summary>
internal static class UpdatesPlan
{
    // The lists first, then what they tell of.
    private static readonly (string Name, string Minute)[] Timers = [("apt-daily.timer", "00"), ("apt-daily-upgrade.timer", UpgradeMinute)];

    /// <summary>The minute of the window's hour at which it installs.</summary>
    public const string UpgradeMinute = "20";

    public static FilePlan Create(UpdatesConfiguration? updates)
    {
        if (updates is null)
            return new FilePlan { Entries = [.. Timers.Select(timer => new PlannedLink($"/etc/systemd/system/{timer.Name}", "/dev/null"))] };
        var days = updates.Days.Count == 7 ? "" : string.Join(',', updates.Days.Select(d => d.ToString()[..3]));
        return new FilePlan
        {
            Entries =
            [
                PlannedFile.OfText("/etc/apt/apt.conf.d/60w4b-updates", Template.Read("apt-updates")),
                .. Timers.Select(timer => PlannedFile.OfText($"/etc/systemd/system/{timer.Name}.d/10-w4b.conf",
                    Template.Render("apt-timer", new { updates.Hour, timer.Minute, Days = days }))),
            ],
            Units = [.. Timers.Select(timer => new EnabledUnit(timer.Name, "apt")), new EnabledUnit("unattended-upgrades.service", "unattended-upgrades")],
        };
    }
}

namespace W4b.Image.Provisioning;

/// <summary>
/// The device's own record of its load, memory, disk and network: sysstat(5). The node exporter tells how it is now; this, how it was while
/// nobody scraped.
/// </summary>
internal static class MetricsHistoryPlan
{
    public static FilePlan Create(TimeSpan? retention) => retention is not { } kept ? FilePlan.Empty : new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/sysstat/sysstat", Template.Render("sysstat", new { Days = Math.Max(1, (int)Math.Ceiling(kept.TotalDays)) })),
            PlannedFile.OfText("/etc/default/sysstat", "# Made with the image.\nENABLED=\"true\"\n"),
        ],
        Units =
        [
            new EnabledUnit("sysstat.service", "sysstat"), new EnabledUnit("sysstat-collect.timer", "sysstat"), new EnabledUnit("sysstat-summary.timer", "sysstat"),
        ],
    };
}

using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>The node exporter. Who reaches it is the firewall's matter.</summary>
internal static class MonitoringPlan
{
    /// <summary>Where the exporter finds metrics that are files.</summary>
    public const string TextFileFolder = "/var/lib/prometheus/node-exporter";

    public static FilePlan Create(MonitoringConfiguration? monitoring) => monitoring is null ? FilePlan.Empty : new()
    {
        Entries = [PlannedFile.OfText("/etc/default/prometheus-node-exporter", Template.Render("node-exporter", new { monitoring.Port, TextFileFolder }))],
        Units = [new EnabledUnit("prometheus-node-exporter.service", "prometheus-node-exporter")],
    };
}

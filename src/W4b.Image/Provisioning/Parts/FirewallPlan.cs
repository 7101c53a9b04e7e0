using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>The firewall: all that comes in is dropped but for what is told here. nft(8).</summary>
internal static class FirewallPlan
{
    /// <summary>Where the rule set stands on the device.</summary>
    public const string Path = "/etc/nftables.conf";

    public static FilePlan Create(PlanInputs inputs)
    {
        var hive = inputs.Hive;
        if (!hive.Firewall.Enabled)
            return FilePlan.Empty;
        List<int> fromTunnel = [];
        if (hive.Ssh.Enabled)
            fromTunnel.Add(hive.Ssh.Port);
        if (hive.Monitoring is { } monitoring)
            fromTunnel.Add(monitoring.Port);
        if (hive.SensorManager is not null)
            fromTunnel.Add(SensorManagerConfiguration.MetricsPort);
        return new FilePlan
        {
            Entries =
            [
                PlannedFile.OfText(Path, Template.Render("nftables", new
                {
                    Ssh = hive.Ssh.Enabled ? (int?)hive.Ssh.Port : null,
                    Tcp = Ports(hive.Firewall, "tcp"),
                    Udp = Ports(hive.Firewall, "udp"),
                    Tunnel = hive.Vpn is not null && fromTunnel.Count > 0 ? fromTunnel : null,
                    TunnelPort = ListenPort(inputs),
                }), PlanModes.Program),
            ],
            Units = [new EnabledUnit("nftables.service", "nftables")],
        };
    }

    // A tunnel that is told its port is one that others begin.
    private static string? ListenPort(PlanInputs inputs)
        => inputs.Hive.Vpn?.Config is { } config ? WgQuickText.Values(inputs.Resolve(config), "ListenPort").FirstOrDefault(port => Values.Port(port) is null) : null;

    private static List<int> Ports(FirewallConfiguration firewall, string protocol)
        => [.. firewall.Ports.Where(p => p.Protocol == protocol).Select(p => p.Port).Order()];
}

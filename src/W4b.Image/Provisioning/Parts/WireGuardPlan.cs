using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>The WireGuard tunnel as a plan. Its file holds the private key: the plan is as secret as the key.</summary>
public static class WireGuardPlan
{
    /// <summary>The plan for <paramref name="vpn"/>; empty when there is no tunnel.</summary>
    /// <param name="vpn">The tunnel's configuration.</param>
    /// <param name="resolve">Gives a secret's value.</param>
    public static FilePlan Create(VpnConfiguration? vpn, Func<Secret, string> resolve)
    {
        if (vpn is null)
            return FilePlan.Empty;
        var text = vpn.Config is { } config
            ? resolve(config).TrimEnd() + "\n"
            : Template.Render("wg0", new { PrivateKey = resolve(vpn.PrivateKey!), Vpn = vpn });
        return new FilePlan
        {
            Entries =
            [
                new PlannedDirectory("/etc/wireguard", PlanModes.PrivateFolder),
                PlannedFile.OfText("/etc/wireguard/wg0.conf", text, PlanModes.PrivateFile),
                PlannedFile.OfText("/etc/systemd/system/wg-quick@wg0.service.d/10-w4b.conf", Template.Read("wg-quick-drop-in")),
                PlannedFile.OfText("/usr/lib/w4b/tunnel", Template.Read("tunnel"), PlanModes.Program),
                PlannedFile.OfText("/etc/systemd/system/w4b-tunnel.service", Template.Unit("w4b-tunnel.service")),
                PlannedFile.OfText("/etc/systemd/system/w4b-tunnel.timer", Template.Read("w4b-tunnel.timer")),
            ],
            Units = [new EnabledUnit("wg-quick@wg0.service", "wireguard-tools"), new EnabledUnit("w4b-tunnel.timer")],
        };
    }
}

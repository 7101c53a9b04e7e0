namespace W4b.Image.Provisioning;

/// <summary>LAN and Wi-Fi, by whatever looks after the network in the base.</summary>
internal static class NetworkPlan
{
    // The way out with the lower metric is taken; both count less than a tunnel's own routes.
    private const int Preferred = 100;
    private const int Other = 600;

    public static FilePlan Create(PlanInputs inputs)
    {
        var network = inputs.Hive.Network;
        var model = new NetworkModel(network, inputs.Hive.HiveId, inputs.Resolve,
            LanMetric: network.PrefersWifi ? Other : Preferred, WifiMetric: network.PrefersWifi ? Preferred : Other);
        var plan = inputs.Layer.HasNetworkManager ? NetworkManagerPlan.Create(model, alone: inputs.Layer.IsRaspberryPiOs) : NetworkdPlan.Create(model);
        return network.Country is null ? plan : plan.With(new FilePlan
        {
            Entries = [PlannedFile.OfText("/etc/modprobe.d/w4b-wifi.conf", Template.Render("wifi-country", new { network.Country }))],
        });
    }
}

using System.Text;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Connections as NetworkManager keeps them: nm-settings-keyfile(5), nm-settings(5).</summary>
internal static class NetworkManagerPlan
{
    private const string Folder = "/etc/NetworkManager/system-connections";

    // Where the base has both, only one can look after the network.
    private static readonly string[] s_others = ["systemd-networkd.service", "systemd-networkd.socket", "systemd-networkd-wait-online.service"];

    /// <summary>The plan for <paramref name="model"/>.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="alone">Whether the base has no other manager of networks that runs.</param>
    public static FilePlan Create(NetworkModel model, bool alone) => new()
    {
        Entries =
        [
            Connection("w4b-lan", Template.Render("nm-lan", new { Id = model.ConnectionId("lan"), Families = Families(model.Network.Lan), Metric = model.LanMetric })),
            .. model.Network.Wifi.Select((wifi, index) => Connection($"w4b-wifi-{index + 1}", Template.Render("nm-wifi", new
            {
                Id = model.ConnectionId("wifi " + wifi.Ssid),
                Number = index + 1,
                // Bytes, so that no character of it means anything.
                Ssid = string.Concat(Encoding.UTF8.GetBytes(wifi.Ssid).Select(b => $"{b};")),
                Password = wifi.Password is { } password ? Escape(model.Resolve(password)) : null,
                wifi.Priority,
                Metric = model.WifiMetric,
            }))),
            // Raspberry Pi OS leaves the radio off until somebody switches it on.
            .. model.Network.Wifi.Count > 0 ? [PlannedFile.OfText("/var/lib/NetworkManager/NetworkManager.state", Template.Read("nm-state"), PlanModes.PrivateFile)] : Array.Empty<PlanEntry>(),
            .. alone ? [] : s_others.Select(unit => new PlannedLink($"/etc/systemd/system/{unit}", "/dev/null")),
        ],
    };

    // A static address is of one family; the other is left out, but for what routers advertise.
    private static IEnumerable<object> Families(StaticAddress? lan)
    {
        bool Is6(string address) => address.Contains(':', StringComparison.Ordinal);
        object Family(string name, bool six, string method)
        {
            var mine = lan is not null && Is6(lan.Address) == six;
            return new
            {
                Name = name,
                Method = method,
                Address = mine ? lan!.Address : null,
                Gateway = mine ? lan!.Gateway : null,
                Dns = string.Concat((lan?.Dns ?? []).Where(server => Is6(server) == six).Select(server => server + ";")),
            };
        }

        return [Family("ipv4", false, lan is null ? "auto" : "disabled"), Family("ipv6", true, "auto")];
    }

    // It reads no file of that folder that others can read.
    private static PlannedFile Connection(string name, string text) => PlannedFile.OfText($"{Folder}/{name}.nmconnection", text, PlanModes.PrivateFile);

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal);
}

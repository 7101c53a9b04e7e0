using System.Text;

namespace W4b.Image.Provisioning;

/// <summary>Connections as NetworkManager keeps them: nm-settings-keyfile(5), nm-settings(5).</summary>
internal static class NetworkManagerPlan
{
    private const string Folder = "/etc/NetworkManager/system-connections";

    public static FilePlan Create(NetworkModel model) => new()
    {
        Entries =
        [
            Connection("w4b-lan", Template.Render("nm-lan", new { Id = model.ConnectionId("lan"), model.Network.Lan, Metric = model.LanMetric })),
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
        ],
    };

    // It reads no file of that folder that others can read.
    private static PlannedFile Connection(string name, string text) => PlannedFile.OfText($"{Folder}/{name}.nmconnection", text, PlanModes.PrivateFile);

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal);
}

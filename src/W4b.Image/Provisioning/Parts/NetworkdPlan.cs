using System.Text;

namespace W4b.Image.Provisioning;

/// <summary>Networks of systemd-networkd, and wpa_supplicant for Wi-Fi: systemd.network(5), wpa_supplicant.conf(5).</summary>
internal static class NetworkdPlan
{
    private const string Folder = "/etc/systemd/network";

    public static FilePlan Create(NetworkModel model)
    {
        var lan = new FilePlan
        {
            Entries = [PlannedFile.OfText($"{Folder}/10-w4b-lan.network", Template.Render("networkd-lan", new { model.Network.Lan, Metric = model.LanMetric }))],
        };
        return model.Network.Wifi.Count == 0 ? lan : lan.With(Wifi(model));
    }

    private static FilePlan Wifi(NetworkModel model) => new()
    {
        Entries =
        [
            PlannedFile.OfText($"{Folder}/10-w4b-wifi.network", Template.Render("networkd-wifi", new { Metric = model.WifiMetric })),
            PlannedFile.OfText("/etc/wpa_supplicant/wpa_supplicant-wlan0.conf", Template.Render("wpa-supplicant", new
            {
                model.Network.Country,
                Networks = model.Network.Wifi.Select(wifi => new
                {
                    // Bytes, so that no character of it means anything.
                    Ssid = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(wifi.Ssid)),
                    Password = wifi.Password is { } password ? Quote(model.Resolve(password)) : null,
                    wifi.Priority,
                }).ToList(),
            }), PlanModes.PrivateFile),
            // With the radio, whenever it appears: nothing waits for it.
            new PlannedLink("/etc/systemd/system/sys-subsystem-net-devices-wlan0.device.wants/wpa_supplicant@wlan0.service",
                "/usr/lib/systemd/system/wpa_supplicant@.service"),
        ],
    };

    // In quotes it is a passphrase, which ends at the line's last quote; without, a key.
    private static string Quote(string password) => NetworkModel.IsKey(password) ? password : $"\"{password}\"";
}

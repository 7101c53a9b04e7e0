using System.Runtime.CompilerServices;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Configuration;

namespace W4b.Image.Tests.Provisioning;

/// <summary>
/// The whole plan of five configurations as text. When one differs, look at the difference; if it is meant, run the tests with
/// W4B_UPDATE_DOCS=1 and commit it.
/// </summary>
public sealed class PlanSnapshotTests
{
    private static readonly string s_folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "plans");

    public static TheoryData<string> Plans => [.. Names];

    private static IEnumerable<string> Names => Directory.GetFiles(s_folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    [Fact]
    public void There_are_five() => Assert.Equal(5, Plans.Count);

    [Theory]
    [MemberData(nameof(Plans))]
    public void The_plan_is_as_checked_in(string name)
    {
        var file = Path.Combine(s_folder, name + ".plan");
        var text = PlanSample.Describe(PlanOf(name));
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }

    // A setting of the full configuration, another value, and all that shows it.
    [Theory]
    [InlineData("timezone: Europe/Berlin", "timezone: Asia/Tokyo", "/etc/localtime", "/etc/timezone", "/etc/w4b/env", SensorConfigPlan.Path)]
    [InlineData("keyboard: de", "keyboard: fr", "/etc/default/keyboard")]
    [InlineData("port: 22", "port: 2222", "/etc/nftables.conf", "/etc/ssh/sshd_config.d/10-w4b.conf")]
    [InlineData("metrics_port: 9100", "metrics_port: 9200", "/etc/default/prometheus-node-exporter", "/etc/nftables.conf")]
    [InlineData("retention_days: 90", "retention_days: 91", "/etc/systemd/system/w4b-database-retention.service", "/etc/w4b/database/retention.sql")]
    [InlineData("password: {file: database.password}", "password: {file: other.password}", "/etc/w4b/database/database.sql")]
    [InlineData("update_hour: 3", "update_hour: 4", "/etc/systemd/system/apt-daily-upgrade.timer.d/10-w4b.conf", "/etc/systemd/system/apt-daily.timer.d/10-w4b.conf")]
    [InlineData("priority: 10", "priority: 11", "/etc/wpa_supplicant/wpa_supplicant-wlan0.conf")]
    [InlineData("password: {file: wifi.password}", "password: {file: other.password}", "/etc/wpa_supplicant/wpa_supplicant-wlan0.conf")]
    [InlineData("primary: lan", "primary: wifi", "/etc/systemd/network/10-w4b-lan.network", "/etc/systemd/network/10-w4b-wifi.network")]
    [InlineData("gateway: 192.168.20.1", "gateway: 192.168.20.2", "/etc/systemd/network/10-w4b-lan.network")]
    [InlineData("allow_ports: [22, 51820/udp]", "allow_ports: [22]", "/etc/nftables.conf")]
    [InlineData("address: \"0x76\"", "address: \"0x77\"", SensorConfigPlan.Path)]
    [InlineData("pin: 4, address", "pin: 17, address", "/boot/firmware/config.txt", SensorConfigPlan.Path)]
    [InlineData("sudo_without_password: false", "sudo_without_password: true", "/etc/sudoers.d/010-w4b")]
    [InlineData("time_servers: [ntp.example.org]", "time_servers: []", "/etc/systemd/timesyncd.conf.d/90-w4b.conf")]
    [InlineData("metrics_retention: 30d", "metrics_retention: 31d", "/etc/sysstat/sysstat")]
    [InlineData("country: DE", "country: AT", "/etc/modprobe.d/w4b-wifi.conf", "/etc/wpa_supplicant/wpa_supplicant-wlan0.conf")]
    [InlineData("role: hive_viewer", "role: hive_admin", "/etc/sudoers.d/010-w4b")]
    [InlineData("server: hub.example.org", "server: hub.example.org:51821", "/etc/w4b/env")]
    [InlineData("retention: 7d}", "retention: 8d}", "/usr/lib/w4b/database-backup")]
    public void One_setting_changes_the_files_that_show_it(string setting, string other, params string[] expected)
    {
        var yaml = Yaml("full");
        Assert.Contains(setting, yaml, StringComparison.Ordinal);
        var (before, after) = (Files(PlanSample.Plan(yaml)), Files(PlanSample.Plan(yaml.Replace(setting, other, StringComparison.Ordinal))));
        Assert.Equal(expected, before.Keys.Union(after.Keys).Where(p => before.GetValueOrDefault(p) != after.GetValueOrDefault(p)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_entry_stands_twice()
        => Assert.All(Names, name => Assert.Empty(PlanOf(name).Entries.GroupBy(e => e.Path).Where(g => g.Count() > 1).Select(g => g.Key)));

    [Fact]
    public void No_unit_text_has_what_the_template_left()
        => Assert.All(Names, name => Assert.DoesNotContain("{{", PlanSample.Describe(PlanOf(name)), StringComparison.Ordinal));

    internal static FilePlan PlanOf(string name)
    {
        var hive = TestHive.Read(Yaml(name));
        if (name == "full")
            hive = hive with { Software = hive.Software with { Components = [new ComponentConfiguration(SensorManagerPlan.Component, "/component", "sha256", null)] } };
        var inputs = PlanSample.Inputs(hive, hive.Base.Debian is null ? PlanSample.RaspberryPiOs : PlanSample.Debian);
        return HivePlan.Create(inputs).With(WireGuardPlan.Create(hive.Vpn, inputs.Resolve)).With(ReleasePlan.Create(inputs, "build", "1.2.3"));
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;

    private static string Yaml(string name) => File.ReadAllText(Path.Combine(s_folder, name + ".yaml"));

    private static Dictionary<string, string> Files(FilePlan plan)
        => plan.Entries.ToDictionary(e => e.Path, e => e + (e is PlannedFile file ? Encoding.UTF8.GetString(file.Content.Span) : ""));
}

using W4b.Image.Provisioning;
using W4b.Image.Provisioning.FirstBoot;
using W4b.Image.Tests.Configuration;

namespace W4b.Image.Tests.Provisioning.FirstBoot;

/// <summary>Which world a base belongs to, and what is planned for it.</summary>
public sealed class FirstBootTests
{
    private const string Common = "console=serial0,115200 console=tty1 root=PARTUUID=1234abcd-02 rootfstype=ext4 fsck.repair=yes rootwait";
    private const string Bookworm = Common + " quiet init=/usr/lib/raspberrypi-sys-mods/firstboot";
    private const string Bullseye = Common + " quiet init=/usr/lib/raspi-config/init_resize.sh";
    private const string Trixie = Common + " resize";
    private static readonly string[] Base = ["raspberrypi-sys-mods", "network-manager", "userconf-pi"];

    private static LayerFacts Layer(string line, params string[] packages)
        => new("layer", packages.ToHashSet()) { CommandLine = CommandLine.Parse(line) };

    [Theory]
    [InlineData(Bookworm, typeof(FirstBootProgram))]
    [InlineData(Bullseye, typeof(FirstBootProgram))]
    [InlineData(Trixie, typeof(InitramfsResize))]
    [InlineData(Common, typeof(FirstBootProgram))] // one that has started before
    public void The_world_of_Raspberry_Pi_OS_is_told_by_its_command_line(string line, Type expected)
        => Assert.IsType(expected, FirstBootPlan.Of(Layer(line, Base)));

    [Fact]
    public void After_its_first_start_cloud_init_tells_it()
        => Assert.IsType<InitramfsResize>(FirstBootPlan.Of(Layer(Common, [.. Base, "cloud-init"])));

    [Fact]
    public void Debian_is_told_by_what_it_lacks()
        => Assert.IsType<DebianFirstBoot>(FirstBootPlan.Of(Layer(Trixie, "network-manager", "cloud-init")));

    private static FilePlan Plan(string line, string yaml = "", params string[] packages)
    {
        var hive = TestHive.Read($"hive_id: hive_a\nbase_image: {{url: \"https://example.org/a.img.xz\", checksum: {new string('a', 64)}}}\n{yaml}\n");
        return FirstBootPlan.Create(PlanSample.Inputs(hive, []) with { Layer = Layer(line, [.. Base, .. packages]) });
    }

    private static string[] Masked(FilePlan plan) => [.. plan.Entries.OfType<PlannedLink>().Where(l => l.Target == "/dev/null").Select(l => Path.GetFileName(l.Path)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData(Bookworm, Common + " quiet")]
    [InlineData(Bullseye, Common + " quiet")]
    [InlineData(Trixie, Trixie)]
    public void Nothing_starts_in_place_of_systemd(string before, string after)
    {
        var line = CommandLine.Parse(before);
        foreach (var change in Plan(before).Entries.OfType<PlannedCommandLine>())
            line = line.With(change.Remove, change.Add);
        Assert.Equal(after, line.ToString());
    }

    [Theory]
    [InlineData(Bookworm)]
    [InlineData(Trixie)]
    public void Nothing_asks_and_nothing_makes_other_keys(string line)
    {
        var plan = Plan(line, "", "cloud-init");
        Assert.Equal(["regenerate_ssh_host_keys.service", "systemd-firstboot.service", "userconfig.service"], Masked(plan));
        Assert.Contains(plan.Units, u => u.Name == "w4b-grow-root.service");
        Assert.Equal(line == Trixie, plan.Entries.Any(e => e.Path == "/etc/cloud/cloud-init.disabled"));
    }

    [Fact]
    public void The_radio_s_country_is_on_the_command_line_once()
    {
        const string country = "network: {country: DE, wifi: [{ssid: bees}]}";
        var change = Assert.Single(Plan(Bookworm, country).Entries.OfType<PlannedCommandLine>());
        Assert.Equal("/boot/firmware/cmdline.txt -init=/usr/lib/raspberrypi-sys-mods/firstboot +cfg80211.ieee80211_regdom=DE", change.ToString());
        var once = CommandLine.Parse(Bookworm + " cfg80211.ieee80211_regdom=GB").With(change.Remove, change.Add);
        Assert.Equal(Common + " quiet cfg80211.ieee80211_regdom=DE", once.ToString());
        Assert.Equal(once.ToString(), once.With(change.Remove, change.Add).ToString());
    }

    [Theory]
    [InlineData("a b=c\n", "a b=c")]
    [InlineData("  a\t b \r\nsecond line\n", "a b")]
    [InlineData("", "")]
    public void A_command_line_is_the_first_line_s_words(string text, string expected)
        => Assert.Equal(expected, CommandLine.Parse(text).ToString());

    [Fact]
    public void Debian_s_own_is_its_swap()
    {
        var hive = TestHive.Read("hive_id: hive_a\n");
        var plan = FirstBootPlan.Create(PlanSample.Inputs(hive, PlanSample.Debian));
        Assert.Equal(["/etc/systemd/zram-generator.conf", "/usr/lib/w4b/grow-root", "/etc/systemd/system/w4b-grow-root.service"], plan.Entries.Select(e => e.Path));
    }
}

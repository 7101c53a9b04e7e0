using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Configuration;

namespace W4b.Image.Tests.Provisioning;

public sealed class HivePlanTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRoaXJ0eS10d28gYnl0ZXMgb2YgYSBwdWJsaWMga2V5 keeper";

    private static readonly HiveConfiguration Hive = TestHive.Read($$"""
        hive_id: hive_0Bpfj4cT
        system:
          timezone: Europe/Berlin
          locale: de_DE.UTF-8
          keyboard: de
          ssh: {port: 2222, public_key: "{{Key}}"}
        security:
          vpn:
            private_key: {file: /k}
            public_key: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
            server: 10.0.2.2:51820
            client_ip: 10.10.0.2/32
        """);

    [Fact]
    public void Identity_and_system_are_plain_files()
    {
        var plan = PlanSample.Plan(Hive);
        Assert.Equal("hive-0bpfj4ct\n", plan.Text("/etc/hostname"));
        Assert.Contains("127.0.1.1\thive-0bpfj4ct\n", plan.Text("/etc/hosts"), StringComparison.Ordinal);
        Assert.Contains(new PlannedLink("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"), plan.Entries);
        Assert.Contains("XKBLAYOUT=\"de\"\n", plan.Text("/etc/default/keyboard"), StringComparison.Ordinal);
        Assert.Equal("LANG=de_DE.UTF-8\n", plan.Text("/etc/default/locale"));
        Assert.Equal("""
            # Identity of this hive, for the units of W4B (EnvironmentFile=). Made with the image.
            W4B_HIVE_ID=hive_0Bpfj4cT
            W4B_HOSTNAME=hive-0bpfj4ct
            W4B_PI_MODEL=3
            W4B_TIMEZONE=Europe/Berlin
            W4B_VPN_SERVER=10.0.2.2:51820

            """, plan.Text("/etc/w4b/env"));
    }

    [Fact]
    public void Ssh_keys_open_the_administrator_and_root_only_when_allowed()
    {
        var plan = PlanSample.Plan(Hive);
        Assert.Contains("Port 2222\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\n", plan.Text("/etc/ssh/sshd_config.d/10-w4b.conf"), StringComparison.Ordinal);
        var keys = plan.File("/home/w4b/.ssh/authorized_keys");
        Assert.Equal((PlanModes.PrivateFile, "w4b", "w4b"), (keys.Mode, keys.Owner, keys.Group));
        Assert.DoesNotContain(plan.Entries, e => e.Path.StartsWith("/root", StringComparison.Ordinal));
        Assert.Contains(plan.Units, u => u.Name == "ssh.service");

        var open = PlanSample.Plan(Hive with { Ssh = Hive.Ssh with { AllowRoot = true } });
        Assert.Equal(Key + "\n", open.Text("/root/.ssh/authorized_keys"));
        Assert.Contains("PermitRootLogin prohibit-password\n", open.Text("/etc/ssh/sshd_config.d/10-w4b.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ssh_that_is_off_is_masked()
    {
        var plan = PlanSample.Plan(Hive with { Ssh = Hive.Ssh with { Enabled = false } });
        Assert.Contains(new PlannedLink("/etc/systemd/system/ssh.service", "/dev/null"), plan.Entries);
        Assert.DoesNotContain(plan.Units, u => u.Name.Contains("ssh", StringComparison.Ordinal));
        Assert.Empty(plan.Users);
    }

    [Fact]
    public void The_tunnel_is_a_private_file_and_a_unit()
    {
        var plan = WireGuardPlan.Create(Hive.Vpn, _ => "PRIVATE=");
        var file = plan.File("/etc/wireguard/wg0.conf");
        Assert.Equal(PlanModes.PrivateFile, file.Mode);
        Assert.Equal("""
            # Made with the image: see wg-quick(8).
            [Interface]
            PrivateKey = PRIVATE=
            Address = 10.10.0.2/32

            [Peer]
            PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
            Endpoint = 10.0.2.2:51820
            AllowedIPs = 10.10.0.0/24
            PersistentKeepalive = 25

            """, Encoding.UTF8.GetString(file.Content.Span));
        Assert.Equal(["wg-quick@wg0.service", "w4b-tunnel.timer"], plan.Units.Select(u => u.Name));
        Assert.DoesNotContain("PRIVATE", plan.ToString() + file, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_wg_quick_file_is_taken_as_it_is()
    {
        var vpn = Hive.Vpn! with { Config = new Secret(SecretOrigin.File, "/c", new SourceLocation("y")) };
        Assert.Equal("[Interface]\nPrivateKey = X\n", WireGuardPlan.Create(vpn, _ => "[Interface]\nPrivateKey = X").Text("/etc/wireguard/wg0.conf"));
    }

    [Fact]
    public void A_projects_file_keeps_its_mode_unless_told()
    {
        var hive = Hive with
        {
            Files = [new("/src/run", "/opt/w4b/run", null, null), new("/src/key", "/etc/w4b/key", "0640", "root:adm")],
            Services = ["collector"],
        };
        var plan = HivePlan.Create(PlanSample.Inputs(hive) with { ReadFile = _ => new SourceFile("x"u8.ToArray(), PlanModes.PublicFolder) });
        Assert.Equal(PlanModes.PublicFolder, plan.File("/opt/w4b/run").Mode);
        Assert.Equal((PlanModes.Parse("0640"), "root", "adm"), (plan.File("/etc/w4b/key").Mode, plan.File("/etc/w4b/key").Owner, plan.File("/etc/w4b/key").Group));
        Assert.Contains(plan.Units, u => u.Name == "collector.service");
    }

    [Theory]
    [InlineData("etc/relative", null)]
    [InlineData("/etc/folder/", null)]
    [InlineData("/etc/file", "rw-r--r--")]
    public void A_projects_file_that_cannot_be_placed_is_an_error(string target, string? mode)
    {
        var hive = Hive with { Files = [new("/src/x", target, mode, null)] };
        var error = Assert.Throws<W4bException>(() => HivePlan.Create(PlanSample.Inputs(hive) with { ReadFile = _ => new SourceFile(default, PlanModes.PublicFile) }));
        Assert.Equal(DiagnosticCode.PlanNotApplicable, error.Diagnostics[0].Code);
    }
}

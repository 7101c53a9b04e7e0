using W4b.Image.Comparison;

namespace W4b.Image.Tests.Comparison;

/// <summary>What is read out of an image's own databases.</summary>
public sealed class FactsOfTextTests
{
    [Fact]
    public void Packages_are_those_that_are_installed()
    {
        var packages = FactsOfText.Packages("""
            Package: dash
            Status: install ok installed
            Architecture: arm64
            Version: 0.5.12-12
            Description: shell
             Version: of no meaning here

            Package: gone
            Status: deinstall ok config-files
            Architecture: arm64
            Version: 1

            """);
        Assert.Equal([KeyValuePair.Create("dash:arm64", "0.5.12-12")], packages);
    }

    [Fact]
    public void A_password_is_told_without_its_hash()
    {
        var users = FactsOfText.Users("root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada:/home/ada:/bin/bash\n",
            "root:*:20000:0:99999:7:::\nada:$y$j9T$abc$def:20000:0:99999:7:::\n", "sudo:x:27:ada,bob\nada:x:1000:\n");
        Assert.Equal("0:0, /root, /bin/bash, no password login", users["root"]);
        Assert.Equal("1000:1000, /home/ada, /bin/bash, a password", users["ada"]);
        Assert.Equal("27, ada bob", users["group sudo"]);
    }

    [Fact]
    public void Units_are_started_masked_or_have_other_names()
    {
        var units = FactsOfText.Units(
        [
            KeyValuePair.Create("/etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service"),
            KeyValuePair.Create("/etc/systemd/system/sshd.service", "/usr/lib/systemd/system/ssh.service"),
            KeyValuePair.Create("/etc/systemd/system/apt-daily.timer", "/dev/null"),
            KeyValuePair.Create("/etc/localtime", "/usr/share/zoneinfo/UTC"),
        ]);
        Assert.Equal("started by multi-user.target", units["ssh.service"]);
        Assert.Equal("alias of ssh.service", units["sshd.service"]);
        Assert.Equal("masked", units["apt-daily.timer"]);
        Assert.Equal(3, units.Count);
    }

    [Fact]
    public void Ports_have_their_conditions()
    {
        var ports = FactsOfText.Ports("""
            iifname "wg*" tcp dport 9100 accept
            tcp dport { 22, 443 } ct state new accept
            tcp dport 22 jump ssh
            udp dport 51820 accept # the tunnel
            tcp dport 25 drop
            """);
        Assert.Equal(["tcp 22", "tcp 443", "tcp 9100", "udp 51820"], ports.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("iifname \"wg*\"", ports["tcp 9100"]);
        Assert.Equal("ct state new; from everywhere", ports["tcp 22"]);
    }
}

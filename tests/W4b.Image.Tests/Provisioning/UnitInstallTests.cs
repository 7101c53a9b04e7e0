using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Provisioning;

public sealed class UnitInstallTests
{
    [Fact]
    public void An_instance_is_linked_to_its_template()
    {
        Assert.Equal("wg-quick@.service", UnitInstall.FileName("wg-quick@wg0.service"));
        Assert.Equal(
            [new PlannedLink("/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service", "/usr/lib/systemd/system/wg-quick@.service")],
            UnitInstall.Links("wg-quick@wg0.service", "/usr/lib/systemd/system/wg-quick@.service",
                "[Unit]\nWantedBy=wrong.target\n[Install]\n# comment\nWantedBy = multi-user.target\n"));
    }

    [Fact]
    public void Aliases_and_requirements_are_links_too()
        => Assert.Equal(
            ["/etc/systemd/system/a.target.wants/x.service", "/etc/systemd/system/b.target.wants/x.service",
                "/etc/systemd/system/c.target.requires/x.service", "/etc/systemd/system/y.service"],
            UnitInstall.Links("x.service", "/lib/systemd/system/x.service",
                "[Install]\nWantedBy=a.target b.target\nRequiredBy=c.target\nAlias=y.service x.service\n").Select(l => l.Path));

    [Fact]
    public void A_unit_without_an_install_section_has_no_links()
        => Assert.Empty(UnitInstall.Links("x.service", "/x", "[Service]\nExecStart=/bin/true\n"));
}

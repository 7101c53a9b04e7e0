using System.Text;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Inspection;
using W4b.Image.Tests.Validation;

namespace W4b.Image.Tests.Customization;

/// <summary>A plan is written into a small real image.</summary>
public sealed class ImageEditTests : IDisposable, IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private string _image = "";

    public async Task InitializeAsync()
    {
        _image = await TinyCard.CreateAsync(_folder["card.img"], _log);
        await ApplyAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_planned_image_has_files_accounts_and_units()
    {
        using var image = CardImage.Open(_image);
        var root = image.Root;
        Assert.Equal("on the boot partition\n", image.Boot["/extra.txt"].ReadAllText());
        Assert.Contains("w4b:x:1000:1000:", root["/etc/passwd"].ReadAllText(), StringComparison.Ordinal);
        Assert.Equal(PlanModes.PrivateFolder, root["/home/w4b"].Mode);
        Assert.Equal(1000u, root["/home/w4b/.ssh/authorized_keys"].UserId);
        Assert.Equal("/usr/lib/systemd/system/wg-quick@.service", root["/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service"].LinkTarget);
        Assert.Equal("/usr/lib/systemd/system/ssh.service", root["/etc/systemd/system/sshd.service"].LinkTarget);
        Assert.False(image.Ext4.Find("/boot/firmware/extra.txt") is not null);
    }

    [Fact]
    public async Task Applying_a_plan_twice_changes_nothing_more()
    {
        string Groups()
        {
            using var root = TinyCard.OpenRoot(_image);
            return root.ReadAllText("/etc/group");
        }

        var before = Groups();
        await ApplyAsync();
        Assert.Equal(before, Groups());
    }

    [Theory]
    [InlineData("unit")]
    [InlineData("owner")]
    public async Task What_the_image_lacks_is_an_error(string what)
    {
        var plan = what == "unit" ? new FilePlan { Units = [new EnabledUnit("wg-quick@wg0.timer", "wireguard-tools")] }
            : new FilePlan { Entries = [PlannedFile.OfText("/x", "", owner: "nobody")] };
        var error = await Assert.ThrowsAsync<W4bException>(() => ApplyAsync(plan));
        Assert.Equal(DiagnosticCode.PlanPrerequisiteMissing, error.Diagnostics[0].Code);
    }

    private Task ApplyAsync(FilePlan? plan = null) => ImageEdit.ApplyAsync(_image, plan ?? RuleCard.Plan, _log, default);
}

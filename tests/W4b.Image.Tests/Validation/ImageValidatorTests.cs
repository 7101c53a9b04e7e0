using System.Text;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Validation;

namespace W4b.Image.Tests.Validation;

/// <summary>A plan is written into a small real image; each rule then finds the one thing that is made wrong.</summary>
public sealed class ImageValidatorTests : IDisposable, IAsyncLifetime
{
    private static readonly FilePlan Plan = new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/hostname", "hive-a\n"),
            new PlannedLink("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"),
            new PlannedDirectory("/home/w4b", PlanModes.PrivateFolder, "w4b", "w4b"),
            PlannedFile.OfText("/home/w4b/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", PlanModes.PrivateFile, "w4b", "w4b"),
            PlannedFile.OfText("/etc/wireguard/wg0.conf", "PrivateKey = SECRET\n", PlanModes.PrivateFile),
            PlannedFile.OfText("/boot/firmware/extra.txt", "on the boot partition\n"),
            PlannedFile.OfText("/etc/nftables.conf", "table inet w4b { chain input { type filter hook input priority 0; policy drop; }; }\n"),
            new PlannedBootLines("config.txt", "dtparam=i2c_arm=on\n"),
        ],
        Users = [new PlannedUser("w4b", "W4B administrator", "/home/w4b", "/bin/bash", ["sudo"])],
        Units = [new EnabledUnit("ssh.service"), new EnabledUnit("wg-quick@wg0.service")],
    };

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
    public async Task A_planned_image_keeps_every_rule()
    {
        var report = await CheckAsync();
        Assert.True(report.Passed, string.Join('\n', report.Results.SelectMany(r => r.Problems)));
        Assert.Equal(7, report.Results.Count);

        Assert.Equal("on the boot partition\n", Encoding.UTF8.GetString(await TinyCard.Boot(_image, _log).ReadAsync("/extra.txt", default)));
        using var root = TinyCard.OpenRoot(_image);
        Assert.Contains("w4b:x:1000:1000:", root.ReadAllText("/etc/passwd"), StringComparison.Ordinal);
        Assert.Equal(PlanModes.PrivateFolder, root.Stat("/home/w4b").Mode);
        Assert.Equal(1000u, root.Stat("/home/w4b/.ssh/authorized_keys").Uid);
        Assert.Equal("/usr/lib/systemd/system/wg-quick@.service",
            root.Stat("/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service", followLinks: false).LinkTarget);
        Assert.Equal("/usr/lib/systemd/system/ssh.service", root.Stat("/etc/systemd/system/sshd.service", followLinks: false).LinkTarget);
        Assert.Null(root.Find("/boot/firmware/extra.txt"));
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
        Assert.True((await CheckAsync()).Passed);
    }

    [Theory]
    [InlineData("mode", "/etc/wireguard/wg0.conf has mode 644")]
    [InlineData("owner", "belongs to 7:1000")]
    [InlineData("content", "/etc/hostname has another content")]
    [InlineData("missing", "/etc/hostname is missing")]
    [InlineData("link", "/etc/localtime points to /usr/share/zoneinfo/Mars")]
    [InlineData("fstab", "/etc/fstab mounts 99999999-02 at /")]
    [InlineData("cmdline", "cmdline.txt names the root PARTUUID=99999999-02")]
    [InlineData("cmdline lines", "more than one line")]
    [InlineData("kernel", "config.txt names the kernel missing.img")]
    [InlineData("kernel", "config.txt of the boot partition lacks planned lines")]
    [InlineData("firewall", "nft refuses /etc/nftables.conf")]
    public async Task One_thing_wrong_is_found(string what, string expected)
    {
        var boot = TinyCard.Boot(_image, _log);
        using (var root = TinyCard.OpenRoot(_image, writable: true))
        {
            void Write(string path, string text) => root.WriteFile(path, Encoding.UTF8.GetBytes(text), PlanModes.PublicFile, 0, 0, TinyCard.Epoch);
            switch (what)
            {
                case "mode": root.SetAttributes("/etc/wireguard/wg0.conf", PlanModes.PublicFile, 0, 0); break;
                case "owner": root.SetAttributes("/home/w4b/.ssh/authorized_keys", PlanModes.PrivateFile, 7, 1000); break;
                case "content": Write("/etc/hostname", "hive-b\n"); break;
                case "missing": root.Delete("/etc/hostname"); break;
                case "link":
                    root.Delete("/etc/localtime");
                    root.CreateSymlink("/etc/localtime", "/usr/share/zoneinfo/Mars");
                    break;
                case "firewall": Write("/etc/nftables.conf", "table inet w4b { chain input { tcp dport not-a-port accept; }; }\n"); break;
                case "fstab": Write("/etc/fstab", "PARTUUID=99999999-02 / ext4 defaults 0 1\n"); break;
            }
        }

        Task WriteBoot(string path, string text) => boot.WriteAsync(path, Encoding.ASCII.GetBytes(text), default);
        await (what switch
        {
            "cmdline" => WriteBoot("/cmdline.txt", "root=PARTUUID=99999999-02\n"),
            "cmdline lines" => WriteBoot("/cmdline.txt", "root=PARTUUID=1234abcd-02\nquiet\n"),
            "kernel" => WriteBoot("/config.txt", "kernel=missing.img\n"),
            _ => Task.CompletedTask,
        });

        var problems = (await CheckAsync()).Results.SelectMany(r => r.Problems).ToList();
        Assert.Contains(problems, p => p.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, p => p.Contains("SECRET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_without_partitions_is_told_so()
    {
        File.WriteAllBytes(_image, new byte[1024 * 1024]);
        var report = await CheckAsync();
        Assert.Equal("partition table", Assert.Single(report.Results).Rule);
        Assert.False(report.Passed);
    }

    [Fact]
    public async Task A_damaged_root_is_found()
    {
        var offset = CardLayout.Read(_image).Root.OffsetBytes;
        using (var file = File.OpenWrite(_image))
        {
            // The block group descriptors, behind the first superblock.
            file.Seek(offset + 4096, SeekOrigin.Begin);
            file.Write(new byte[64]);
        }

        Assert.False((await CheckAsync()).Passed);
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

    private Task ApplyAsync(FilePlan? plan = null) => ImageEdit.ApplyAsync(_image, plan ?? Plan, _log, default);

    private Task<ValidationReport> CheckAsync() => new ImageValidator(_image, _log).CheckAsync(Plan, default);
}

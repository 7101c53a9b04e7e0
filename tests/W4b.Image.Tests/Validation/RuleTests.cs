using System.Text;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Validation;

namespace W4b.Image.Tests.Validation;

/// <summary>Every rule is kept by a sound image, and finds the one thing that is made wrong.</summary>
public sealed class RuleTests(RuleCard card) : IClassFixture<RuleCard>
{
    private const UnixFileMode File0644 = PlanModes.PublicFile;

    // What is broken, the rule that must find it, and what it says.
    private static readonly IReadOnlyDictionary<string, (string Rule, string Says, Action<Broken> Break)> Cases =
        new Dictionary<string, (string, string, Action<Broken>)>
        {
            ["a journal to recover"] = ("root-file-system", "journal", b => b.Poke(root: true, 1024 + 0x60, v => (byte)(v | 4))),
            ["lost block groups"] = ("root-file-system", "", b => b.Zero(root: true, 4096, 64)),
            ["a FAT whose copies differ"] = ("boot-file-system", "FAT", b => b.Zero(root: false, Broken.FatOffset, 512)),
            ["a full disk"] = ("free-space", "MiB free", b => b.Root(r => r.WriteFile("/big", new byte[(r.Statistics.FreeBlocks - 2500) * r.Statistics.BlockSize], File0644, 0, 0))),
            ["no firmware"] = ("firmware", "start4.elf", b => b.DeleteBoot("start4.elf")),
            ["another firmware in config.txt"] = ("firmware", "start_special.elf", b => b.Boot("config.txt", "kernel=vmlinuz\nstart_file=start_special.elf\ndtparam=i2c_arm=on\n")),
            ["a kernel that is not there"] = ("kernel", "the kernel missing.img", b => b.Boot("config.txt", "kernel=missing.img\ndtparam=i2c_arm=on\n")),
            ["an initramfs that is not there"] = ("kernel", "the initramfs missing", b => b.Boot("config.txt", "kernel=vmlinuz\ninitramfs missing followkernel\ndtparam=i2c_arm=on\n")),
            ["an empty kernel"] = ("kernel", "vmlinuz is empty", b => b.Boot("vmlinuz", "")),
            ["no config.txt"] = ("kernel", "config.txt is missing", b => b.DeleteBoot("config.txt")),
            ["no device tree"] = ("device-tree", "no device tree of a Raspberry Pi 4", b => b.DeleteBoot("bcm2711-rpi-4-b.dtb")),
            ["another root"] = ("command-line", "names the root PARTUUID=99999999-02", b => b.Boot("cmdline.txt", "root=PARTUUID=99999999-02\n")),
            ["two lines"] = ("command-line", "more than one line", b => b.Boot("cmdline.txt", "root=PARTUUID=1234abcd-02\nquiet\n")),
            ["another card's fstab"] = ("fstab", "mounts 99999999-02 at /", b => b.Write("/etc/fstab", "PARTUUID=99999999-02 / ext4 defaults 0 1\n")),
            ["no fstab"] = ("fstab", "missing", b => b.Delete("/etc/fstab")),
            ["another hive"] = ("identity", "hive hive_b; the project's is hive_a", b => b.Write("/etc/w4b-release", "W4B_BUILD_ID=1\nW4B_HIVE_ID=hive_b\n")),
            ["another build"] = ("identity", "another build of hive_a", b => b.Write("/etc/w4b-release", "W4B_BUILD_ID=2\nW4B_HIVE_ID=hive_a\n")),
            ["a file's mode"] = ("planned-files", "wg0.conf has mode 640", b => b.Root(r => r.SetAttributes("/etc/wireguard/wg0.conf", PlanModes.GroupFile, 0, 0))),
            ["a file's owner"] = ("planned-files", "belongs to 7:1000", b => b.Root(r => r.SetAttributes("/home/w4b/.ssh/authorized_keys", PlanModes.PrivateFile, 7, 1000))),
            ["a file's content"] = ("planned-files", "another content", b => b.Write("/etc/hostname", "hive-b\n")),
            ["a missing file"] = ("planned-files", "/etc/hostname is missing", b => b.Delete("/etc/hostname")),
            ["a missing file of the boot partition"] = ("planned-files", "extra.txt is missing", b => b.DeleteBoot("extra.txt")),
            ["lines that are gone"] = ("planned-files", "lacks planned lines", b => b.Boot("config.txt", "kernel=vmlinuz\n")),
            ["a link's target"] = ("planned-files", "points to /usr/share/zoneinfo/Mars", b => b.Link("/etc/localtime", "/usr/share/zoneinfo/Mars")),
            ["a unit that is disabled"] = ("planned-units", "ssh.service is not enabled", b => b.Delete("/etc/systemd/system/multi-user.target.wants/ssh.service")),
            ["a program that is not there"] = ("units", "starts /usr/sbin/sshd", b => b.Delete("/usr/sbin/sshd")),
            ["a program that is none"] = ("units", "starts /usr/sbin/sshd", b => b.Root(r => r.SetAttributes("/usr/sbin/sshd", File0644))),
            ["a unit without file"] = ("units", "no such unit", b => b.Link("/etc/systemd/system/multi-user.target.wants/lost.service", "/usr/lib/systemd/system/lost.service")),
            ["a timer without service"] = ("units", "starts lost.service", b =>
            {
                b.Write("/usr/lib/systemd/system/lost.timer", "[Timer]\nOnCalendar=daily\n");
                b.Link("/etc/systemd/system/multi-user.target.wants/lost.timer", "/usr/lib/systemd/system/lost.timer");
            }),
            ["two roots"] = ("accounts", "root and toor have the same id 0", b => b.Account("toor:x:0:0::/root:/bin/bash", "toor:*:1:0:99999:7:::")),
            ["no shell"] = ("accounts", "The shell /bin/zsh", b => b.Account("ada:x:1001:0::/home/w4b:/bin/zsh", "ada:*:1:0:99999:7:::")),
            ["no home"] = ("accounts", "The home /home/ada", b => b.Account("ada:x:1001:0::/home/ada:/bin/bash", "ada:*:1:0:99999:7:::")),
            ["no group"] = ("accounts", "The group 77", b => b.Account("ada:x:1001:77::/home/w4b:/bin/bash", "ada:*:1:0:99999:7:::")),
            ["an empty password"] = ("passwords", "its password is empty", b => b.Account("ada:x:1001:0::/home/w4b:/bin/bash", "ada::1:0:99999:7:::")),
            ["a default password"] = ("passwords", "first that anybody would try", b => b.Account("pi:x:1001:0::/home/w4b:/bin/bash", $"pi:{PasswordHash.Yescrypt("raspberry", "x")}:1:0:99999:7:::")),
            ["a name as password"] = ("passwords", "first that anybody would try", b => b.Account("ada:x:1001:0::/home/w4b:/bin/bash", $"ada:{PasswordHash.Yescrypt("ada", "x")}:1:0:99999:7:::")),
            ["a file for everybody"] = ("world-writable", "Everybody may write /etc/motd", b => b.Write("/etc/motd", "x", (UnixFileMode)0b110_110_110)),
            ["a folder for everybody"] = ("world-writable", "Everybody may write /srv", b => b.Root(r => r.CreateDirectory("/srv", (UnixFileMode)0b111_111_111, 0, 0))),
            ["a set-id program"] = ("set-id", "/usr/bin/bash runs as user 0", b => b.Root(r => r.SetAttributes("/usr/bin/bash", (UnixFileMode)0b100_111_101_101))),
            ["a key for everybody"] = ("secret-modes", "/etc/ssh/ssh_host_rsa_key can be read by others", b => b.Write("/etc/ssh/ssh_host_rsa_key", "key")),
            ["a setting before ours"] = ("ssh", "PasswordAuthentication is yes by /etc/ssh/sshd_config.d/00-cloud.conf", b => b.Write("/etc/ssh/sshd_config.d/00-cloud.conf", "PasswordAuthentication yes\n")),
            ["empty passwords for SSH"] = ("ssh", "PermitEmptyPasswords", b => b.Write("/etc/ssh/sshd_config", "PermitEmptyPasswords yes\nInclude /etc/ssh/sshd_config.d/*.conf\n")),
            ["another port"] = ("ssh", "Port is 2222", b => b.Write("/etc/ssh/sshd_config", "Port 2222\nInclude /etc/ssh/sshd_config.d/*.conf\n")),
            ["a firewall with a mistake"] = ("firewall", "nft refuses", b => b.Write("/etc/nftables.conf", "table inet w4b { chain input { tcp dport not-a-port accept; }; }\n")),
            ["a tunnel without key"] = ("wireguard", "has no PrivateKey", b => b.Write("/etc/wireguard/wg1.conf", "[Interface]\nAddress = 10.0.0.1/24\n", PlanModes.PrivateFile)),
            ["a tunnel with half a key"] = ("wireguard", "PrivateKey has a value that is none", b => b.Write("/etc/wireguard/wg1.conf", "[Interface]\nPrivateKey = abc\n", PlanModes.PrivateFile)),
            ["a setting that wg-quick does not know"] = ("wireguard", "line 3 is no setting", b => b.Write("/etc/wireguard/wg1.conf", $"[Interface]\nPrivateKey = {RuleCard.Secret[..43]}=\nAdress = 10.0.0.1/24\n", PlanModes.PrivateFile)),
            ["a time zone that is not there"] = ("time-zone", "which the image lacks", b => b.Link("/etc/localtime", "/usr/share/zoneinfo/Mars/Olympus")),
            ["a time zone that is none"] = ("time-zone", "is no time zone", b => b.Write("/usr/share/zoneinfo/Europe/Berlin", "noon")),
            ["a package half installed"] = ("packages", "\"install ok half-configured\"", b => b.Write("/var/lib/dpkg/status", "Package: sudo\nStatus: install ok half-configured\nArchitecture: arm64\n")),
            ["no database"] = ("database", "no PostgreSQL 17", b => b.Delete("/usr/lib/postgresql/17/bin/postgres")),
            ["no extension"] = ("database", "no TimescaleDB", b => b.Delete("/usr/share/postgresql/17/extension/timescaledb.control")),
            ["no exporter"] = ("monitoring", "no node exporter", b => b.Delete("/usr/bin/prometheus-node-exporter")),
            ["a host key"] = ("host-keys", "ssh_host_rsa_key is a host key", b => b.Write("/etc/ssh/ssh_host_rsa_key", "key", PlanModes.PrivateFile)),
            ["a certificate"] = ("certificates", "snakeoil.key is a private key", b => b.Write("/etc/ssl/private/snakeoil.key", "key", PlanModes.PrivateFile)),
            ["a machine id"] = ("machine-id", "/etc/machine-id", b => b.Write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")),
            ["policy-rc.d"] = ("leftovers", "/usr/sbin/policy-rc.d", b => b.Write("/usr/sbin/policy-rc.d", "exit 101\n")),
            ["package lists"] = ("leftovers", "_dists_", b => b.Write("/var/lib/apt/lists/deb.example.org_debian_dists_trixie_InRelease", "x")),
            ["the host's resolver"] = ("leftovers", "asks 10.0.0.53", b => b.Write("/etc/resolv.conf", "nameserver 10.0.0.53\n")),
            ["a twin's path"] = ("build-traces", "/etc/motd names a folder", b => b.Write("/etc/motd", "#!/dev/shm/.w4b/twins/bin/sh\n")),
            ["a copy of a secret"] = ("secrets", "/var/log/copy holds a secret", b => b.Write("/var/log/copy", $"PrivateKey = {RuleCard.Secret}\n", PlanModes.PrivateFile)),
            ["a secret on the boot partition"] = ("secrets", "/boot/firmware/copy.txt holds a secret", b => b.Boot("copy.txt", RuleCard.Secret)),
            ["a deleted secret"] = ("secrets", "that no file has", b =>
            {
                b.Write("/var/log/copy", $"PrivateKey = {RuleCard.Secret}\n", PlanModes.PrivateFile);
                b.Delete("/var/log/copy");
            }),
        };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task One_thing_wrong_is_found(string name)
    {
        var (rule, says, action) = Cases[name];
        var image = await card.CopyAsync($"{name}.img");
        action(new Broken(image, card.Log));
        var result = Assert.Single(await card.CheckAsync(image, RuleCard.Plan, RuleCard.Hive, only: rule));
        Assert.Equal(RuleState.Broken, result.State);
        Assert.Contains(result.Findings, f => f.Message.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(result.Findings, f => f.Message.Contains(RuleCard.Secret, StringComparison.Ordinal));
        File.Delete(image);
    }

    [Fact]
    public void Every_rule_is_proved()
        // The partition table's is a test of its own, below.
        => Assert.Equal(RuleCatalog.All.Select(r => r.Info.Name).Order(StringComparer.Ordinal),
            Cases.Values.Select(c => c.Rule).Append("partition-table").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Rules_are_told_apart_and_explained()
    {
        Assert.Equal(RuleCatalog.All.Select((_, i) => $"W4BR{i + 1:000}"), RuleCatalog.All.Select(r => r.Info.Id));
        Assert.All(RuleCatalog.All, r => Assert.All([r.Info.Why, r.Info.Fix], text => Assert.EndsWith(".", text, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sound_image_keeps_every_rule()
        => Assert.All(await card.CheckAsync(await card.CopyAsync("sound.img"), RuleCard.Plan, RuleCard.Hive), r => Assert.True(r.State == RuleState.Kept, $"{r.Rule.Name}: {r.Reason} {string.Join(' ', r.Findings)}"));

    [Fact]
    public async Task Without_a_project_no_rule_is_broken_and_each_that_needs_one_says_so()
    {
        var results = await card.CheckAsync(await card.CopyAsync("alone.img"), plan: null, hive: null);
        Assert.DoesNotContain(results, r => r.State == RuleState.Broken);
        Assert.Equal(["identity", "planned-files", "planned-units", "database", "monitoring", "host-keys", "certificates", "secrets"],
            results.Where(r => r.State == RuleState.NotApplicable).Select(r => r.Rule.Name));
        Assert.All(results.Where(r => r.State == RuleState.NotApplicable), r => Assert.Contains("no project", r.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_base_s_own_set_id_programs_are_no_finding()
    {
        var image = await card.CopyAsync("base-set-id.img");
        new Broken(image, card.Log).Root(r => r.SetAttributes("/usr/bin/bash", (UnixFileMode)0b100_111_101_101));
        var results = await card.CheckAsync(image, RuleCard.Plan, RuleCard.Hive, baseImage: image);
        Assert.Equal(RuleState.Kept, results.Single(r => r.Rule.Name == "set-id").State);
    }

    [Fact]
    public async Task What_keeps_a_unit_from_starting_is_respected()
    {
        var image = await card.CopyAsync("units.img");
        var broken = new Broken(image, card.Log);
        void Unit(string name, string text)
        {
            broken.Write($"/usr/lib/systemd/system/{name}", text);
            broken.Link($"/etc/systemd/system/multi-user.target.wants/{name}", $"/usr/lib/systemd/system/{name}");
        }

        Unit("optional.service", "[Service]\nExecStart=-/usr/bin/missing\n");
        Unit("conditional.service", "[Unit]\nConditionPathExists=/usr/bin/missing\n[Service]\nExecStart=/usr/bin/missing\n");
        Unit("specifier.service", "[Service]\nExecStart=/usr/lib/%N/run\n");
        Unit("by-name.service", "[Service]\nExecStart=bash \\\n  -c true\n");
        Unit("other.service", "[Service]\nExecStart=/usr/bin/missing\n");
        broken.Write("/etc/systemd/system/other.service.d/10-w4b.conf", "[Service]\nExecStart=\nExecStart=/bin/bash\n");
        Unit("masked.service", "[Service]\nExecStart=/usr/bin/missing\n");
        broken.Link("/etc/systemd/system/masked.service", "/dev/null");
        var result = Assert.Single(await card.CheckAsync(image, RuleCard.Plan, RuleCard.Hive, only: "units"));
        Assert.True(result.State == RuleState.Kept, string.Join('\n', result.Findings));
    }

    [Fact]
    public async Task In_a_damaged_file_system_nothing_else_is_asked()
    {
        var image = await card.CopyAsync("damaged.img");
        new Broken(image, card.Log).Zero(root: true, 4096, 64);
        var results = await card.CheckAsync(image, RuleCard.Plan, RuleCard.Hive);
        Assert.Equal(["root-file-system"], results.Where(r => r.State == RuleState.Broken).Select(r => r.Rule.Name));
        Assert.Contains("root-file-system is broken", results.Single(r => r.Rule.Name == "units").Reason, StringComparison.Ordinal);
    }

    /// <summary>An image in which something is made wrong.</summary>
    private sealed class Broken(string image, ListLog log)
    {
        public const long FatOffset = 32 * PartitionTable.SectorSize; // behind mkfs.vfat's reserved sectors

        public void Root(Action<Ext4FileSystem> change)
        {
            using var root = TinyCard.OpenRoot(image, writable: true);
            change(root);
        }

        public void Write(string path, string text, UnixFileMode mode = File0644) => Root(r =>
        {
            r.CreateDirectory(Path.GetDirectoryName(path)!, PlanModes.PublicFolder, 0, 0, parents: true);
            r.WriteFile(path, Encoding.UTF8.GetBytes(text), mode, 0, 0, TinyCard.Epoch);
        });

        public void Delete(string path) => Root(r => Assert.True(r.Delete(path)));

        public void Link(string path, string target) => Root(r =>
        {
            r.Delete(path);
            r.CreateSymlink(path, target);
        });

        public void Account(string passwd, string shadow)
        {
            Root(r =>
            {
                Write(r, "/etc/passwd", r.ReadAllText("/etc/passwd") + passwd + "\n", 0b110_100_100);
                Write(r, "/etc/shadow", r.ReadAllText("/etc/shadow") + shadow + "\n", 0b110_100_000);
            });
            static void Write(Ext4FileSystem r, string path, string text, int mode) => r.WriteFile(path, Encoding.UTF8.GetBytes(text), (UnixFileMode)mode, 0, 0, TinyCard.Epoch);
        }

        public void Boot(string name, string text) => TinyCard.Boot(image, log).WriteAsync("/" + name, Encoding.ASCII.GetBytes(text), default).GetAwaiter().GetResult();

        public void DeleteBoot(string name)
            => Sample.Pipe([], "mdel", "-i", $"{image}@@{CardLayout.Read(image).Boot.OffsetBytes}", "::/" + name);

        public void Zero(bool root, long offset, int length) => Change(root, offset, new byte[length]);

        public void Poke(bool root, long offset, Func<byte, byte> change)
        {
            using var reader = new RawImageReader(image);
            var value = new byte[1];
            reader.Read(Offset(root) + offset, value);
            Change(root, offset, [change(value[0])]);
        }

        private void Change(bool root, long offset, byte[] bytes)
        {
            using var file = File.OpenHandle(image, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(file, bytes, Offset(root) + offset);
        }

        private long Offset(bool root) => root ? CardLayout.Read(image).Root.OffsetBytes : CardLayout.Read(image).Boot.OffsetBytes;
    }
}

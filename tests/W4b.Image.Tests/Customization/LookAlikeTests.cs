using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Configuration;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Customization;

/// <summary>
/// A hive is written into a look-alike of each world of Raspberry Pi OS. FirstBoots/ has what its first boot then finds; W4B_UPDATE_DOCS=1
/// writes it anew.
/// </summary>
[Trait("Category", "Build")]
public sealed partial class LookAlikeTests : IDisposable
{
    private static readonly HiveConfiguration Hive = TestHive.Read($$"""
        hive_id: hive_look
        base_image: {url: "https://example.org/raspios.img.xz", checksum: {{new string('a', 64)}} }
        system: {timezone: Europe/Berlin, ssh: {public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY keeper"} }
        network: {country: DE, wifi: [{ssid: bees}]}
        security:
          firewall: {enabled: false}
          local_access: {username: pi, password: {env: W4B_TEST_LOCAL_ACCESS} }
        """);

    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public LookAlikeTests() => Environment.SetEnvironmentVariable("W4B_TEST_LOCAL_ACCESS", "propolis and wax");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2023-05-03-raspios-bullseye-armhf-lite", 8192, 1056768, "/boot")]
    [InlineData("2024-11-19-raspios-bookworm-armhf-lite", 8192, 1056768, "/boot/firmware")]
    [InlineData("2025-05-13-raspios-bookworm-arm64-lite", 16384, 1064960, "/boot/firmware")]
    [InlineData("2025-11-24-raspios-trixie-arm64-lite", 16384, 1064960, "/boot/firmware")]
    [InlineData("2026-06-18-raspios-trixie-armhf-lite", 16384, 1064960, "/boot/firmware")]
    public async Task A_hive_starts_on_each_without_a_question(string name, long bootStart, long rootStart, string mountPoint)
    {
        var image = LookAlike.Make(name, _folder.Path);
        LayerInfo layer;
        using (var before = CardImage.Open(image))
        {
            Assert.Equal((bootStart, 1048576L, rootStart), (before.Layout.Boot.StartSector, before.Layout.Boot.SectorCount, before.Layout.Root.StartSector));
            Assert.Equal("rootfs", before.Ext4.Statistics.Label);
            Assert.Equal(mountPoint, BootMount.Find(before.Ext4));
            var packages = PackageName().Matches(before.Root["/var/lib/dpkg/status"].ReadAllText()).Select(m => new InstalledPackage(m.Groups[1].Value, "1", "all"));
            layer = new LayerInfo("layer", "base", [.. packages]) { CommandLine = before.Boot["/cmdline.txt"].ReadAllText() };
        }

        var offset = rootStart * PartitionTable.SectorSize;
        var features = Encoding.ASCII.GetString(Sample.Pipe([], "dumpe2fs", "-h", $"{image}?offset={offset}")).Split('\n').Single(l => l.StartsWith("Filesystem features:", StringComparison.Ordinal));
        Assert.DoesNotContain("64bit", features, StringComparison.Ordinal);
        Assert.DoesNotContain("huge_file", features, StringComparison.Ordinal);

        var plan = HivePlans.Create(Hive, layer, _log).Hive;
        await ImageEdit.ApplyAsync(image, plan, _log, default);
        await ImageEdit.ApplyAsync(image, plan, _log, default); // twice is the same as once
        await HostTool.E2fsck.RunAsync(_log, ["-fn", $"{image}?offset={offset}"], default);

        using var after = CardImage.Open(image);
        var found = Describe(after);
        var golden = Path.Combine(Path.GetDirectoryName(ThisFile())!, "FirstBoots", name + ".txt");
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.WriteAllText(golden, found);
        Assert.Equal(File.ReadAllText(golden), found);

        // Whatever is written there: this must hold.
        Assert.DoesNotContain("init=", after.Boot["/cmdline.txt"].ReadAllText(), StringComparison.Ordinal);
        Assert.Contains($"root=PARTUUID={after.Layout.RootPartUuid} ", after.Boot["/cmdline.txt"].ReadAllText(), StringComparison.Ordinal);
        Assert.DoesNotContain(Starting(after), unit => unit is "userconfig.service" or "regenerate_ssh_host_keys.service" or "systemd-firstboot.service");
        Assert.Matches("(?m)^pi:x:1000:1000:[^:]*:/home/pi:/bin/bash$", after.Root["/etc/passwd"].ReadAllText());
    }

    private static string Describe(CardImage image)
    {
        var text = new StringBuilder();
        void Part(string title, IEnumerable<string> lines) => text.Append(title).Append('\n').AppendJoin("", lines.Select(l => $"    {l}\n")).Append('\n');
        IEnumerable<string> Lines(string path) => image.Root[path].ReadAllText().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Part("disk id", [image.Layout.DiskId.ToString("x8", CultureInfo.InvariantCulture)]);
        Part("cmdline.txt", image.Boot["/cmdline.txt"].ReadAllText().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Part("/etc/fstab", Lines("/etc/fstab"));
        Part("/etc/machine-id", Lines("/etc/machine-id"));
        Part("accounts", Lines("/etc/passwd"));
        Part("passwords", Lines("/etc/shadow").Select(l => l.Split(':')).Select(f => $"{f[0]} {(f[1].StartsWith('$') ? "yes" : f[1])}"));
        Part("masked", Units(image).Where(u => u.Target == "/dev/null").Select(u => u.Name));
        Part("starting", Starting(image));
        Part("SSH host keys", image.Root["/etc/ssh"].Children().Where(e => e.Name.StartsWith("ssh_host_", StringComparison.Ordinal)).Select(e => e.Name));
        Part("cloud-init", [!image.Root["/usr/bin/cloud-init"].Exists ? "not there" : image.Root["/etc/cloud/cloud-init.disabled"].Exists ? "disabled" : "runs"]);
        return text.ToString();
    }

    private static IEnumerable<(string Name, string? Target)> Units(CardImage image, string folder = "/etc/systemd/system")
        => image.Root[folder].Children().Where(e => e.LinkTarget is not null).Select(e => (e.Name, e.LinkTarget)).OrderBy(u => u.Name, StringComparer.Ordinal);

    private static List<string> Starting(CardImage image)
    {
        var masked = Units(image).Where(u => u.Target == "/dev/null").Select(u => u.Name).ToHashSet();
        return [.. image.Root["/etc/systemd/system"].Children().Where(e => e.Name.EndsWith(".wants", StringComparison.Ordinal))
            .SelectMany(e => Units(image, "/etc/systemd/system/" + e.Name)).Select(u => u.Name).Where(u => !masked.Contains(u)).Distinct().Order(StringComparer.Ordinal)];
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;

    [GeneratedRegex("(?m)^Package: (.*)$")]
    private static partial Regex PackageName();
}

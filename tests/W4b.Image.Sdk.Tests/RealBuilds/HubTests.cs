using System.Text;
using W4b.Image.Disk;
using W4b.Image.Sandbox;
using W4b.Image.Sdk.Tests.Harness;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// A hive and its hub: a real WireGuard hub in user space, the hive's own image in the emulator, both in a network that nobody else
/// sees. What is asked goes through the tunnel.
/// </summary>
[Collection(DeviceTests.Name)]
[Trait("Category", "Image")]
public sealed class HubTests(SdkPackage package)
{
    [Fact]
    public async Task The_hive_is_reached_through_its_tunnel_after_a_cut_a_move_of_the_hub_and_with_a_clock_that_is_behind()
    {
        var keys = Directory.CreateTempSubdirectory("w4b-hub-").FullName;
        try
        {
            var shell = new Command(keys);
            var made = shell.Run("sh", "-euc", """
                umask 077
                wg genkey > hub.key; wg pubkey < hub.key > hub.pub
                wg genkey > hive.key; wg pubkey < hive.key > hive.pub
                ssh-keygen -q -t ed25519 -N "" -f id
                """);
            Assert.True(made.ExitCode == 0, made.Output);
            var project = SampleHive.Create(package, Builder.Own, edit: _ => $$$"""
                hive_id: hive_hub
                system: {ssh: {public_key: "{{{Text(keys, "id.pub")}}}"}}
                security:
                  firewall: {allow_ports: []}
                  vpn:
                    private_key: {file: secrets/wireguard.key}
                    public_key: {{{Text(keys, "hub.pub")}}}
                    server: hub.w4b.example:51820
                    client_ip: 10.10.0.2/32
                services: {monitoring: {enabled: true}}
                # As on Raspberry Pi OS; the other tests' hives have systemd-networkd.
                software: {packages: [network-manager]}

                """);
            project.Write("secrets/wireguard.key", Text(keys, "hive.key"));
            project.MustBuild("-p:W4bCompressionLevel=0");

            var card = Path.Combine(keys, "card.img");
            await SparseFile.CopyAsync(RealImages.RawImage(project), card, SparseFile.OwnerOnly, default);
            NameTheHub(card);
            var files = await BootFiles.TakeAsync(card, 3, Architecture.Arm64, BootMachine.Virt, keys, new SilentLog(), default);
            var machine = BootMachine.Virt.Arguments(Architecture.Arm64, new MachineInputs(card, files.Kernel, files.Initramfs, files.DeviceTree,
                files.CommandLine, "", [], Path.Combine(keys, "console.log"), null, UseKvm: false));
            File.WriteAllLines(Path.Combine(keys, "machine"), ["qemu-system-aarch64", .. machine]);

            string[] own = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
            var run = shell.Run("unshare", [.. own, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                "bash", Path.Combine(Repository.Root, "tests/W4b.Image.Sdk.Tests/RealBuilds/hub.sh"), Path.Combine(keys, "machine"), keys]);
            var facts = run.Output.Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal)).Select(l => l.Split('=', 2))
                .GroupBy(f => f[0]).ToDictionary(g => g.Key, g => g.Last()[1], StringComparer.Ordinal);
            Assert.True(run.ExitCode == 0 && facts.ContainsKey("end"), $"{run.Output}\n{Last(keys, "console.log")}\n{Last(keys, "ssh.log")}");
            Assert.Equal("hive_id=\"hive_hub\"", facts["metrics"]);
            Assert.Equal("hive-hub", facts["ssh"]);
            Assert.Matches("^[3-9] offered, 0 weak$", facts["algorithms"]);
            Assert.Equal("Permission denied (publickey)", facts["password"]);
            Assert.Equal("28", facts["closed"]); // curl: it waited in vain
            Assert.Equal("28", facts["cut"]);
            Assert.Equal("yes", facts["back"]);
            Assert.Equal("192.0.2.8:51820", facts["moved"]);
            Assert.Equal("yes", facts["clock"]);
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    // In the place of a name server, which the hive's LAN would have.
    private static void NameTheHub(string card)
    {
        using var root = Ext4FileSystem.Open(card, CardLayout.Read(card).Root.OffsetBytes, writable: true, TreeListing.AnyTime);
        var hosts = root.Stat("/etc/hosts");
        root.WriteFile("/etc/hosts", Encoding.UTF8.GetBytes(root.ReadAllText("/etc/hosts") + "192.0.2.7 hub.w4b.example\n"), hosts.Mode, hosts.Uid, hosts.Gid);
    }

    private static string Text(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();

    private static string Last(string folder, string file)
        => File.Exists(Path.Combine(folder, file)) ? string.Join('\n', File.ReadLines(Path.Combine(folder, file)).TakeLast(40)) : $"no {file}";
}

using System.Diagnostics;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;
using W4b.Image.Sdk.Tests.Harness;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// A hive with everything: an encrypted database, software from a vendor's own repository, from wheels, an archive and a git repository. Power
/// goes twice while it makes at its first start what is its own; then it is what is configured.
/// </summary>
[Collection(DeviceTests.Name)]
[Trait("Category", "Image")]
public sealed class FinishedHiveTests(SdkPackage package) : IDisposable
{
    private const string Yaml = """
        hive_id: hive_finished
        # Its settings are for more memory than the machine has.
        base_image: {model: 4}
        system: {timezone: Europe/Berlin, ssh: {public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY keeper@we4bee"}}
        network:
          country: DE
          wifi: [{ssid: garden, password: {file: secrets/wifi}, priority: 10}]
          lan: {static: {ip: 192.168.20.20/24, gateway: 192.168.20.1, dns: [192.168.20.1]}}
        administrators:
          - {username: ada, role: hive_admin, public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY ada"}
          - {username: bob, role: hive_viewer, public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY bob"}
        security:
          encryption: {enabled: true, server: "http://192.168.20.2"}
          local_access: {username: keeper, password: {file: secrets/keeper}}
          firewall: {allow_ports: [22]}
        services:
          monitoring: {enabled: true}
          database: {type: timescaledb, password: {file: secrets/database}, retention_days: 30, auto_backup: true}
        sensors:
          - {id: climate, type: bme280, interface: {type: i2c, address: "0x76"}}
          - {id: brood, type: ds18b20, interface: {type: w1, pin: 4, address: 28-0316a2795e6f}}
        maintenance:
          updates: {auto_update: true, update_hour: 3, allowed_days: [sat, sun]}
          monitoring: {metrics_retention: 7d}

        """;

    // QEMU's network is the LAN of the configuration, as the boot test has it; so is the place of the key server.
    private const string Lan = ",net=192.168.20.0/24,host=192.168.20.1,dns=192.168.20.2,dhcpstart=192.168.20.20";
    private static readonly IPAddress s_keyServer = IPAddress.Parse("192.168.20.3");

    private readonly string _folder = Directory.CreateTempSubdirectory("w4b-finished-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Power_cuts_while_a_hive_makes_its_encrypted_database_are_made_good()
    {
        var project = Project();
        using var vendor = Vendor.Serve(project);
        vendor.Complete(project);
        project.MustBuild("-p:W4bCompressionLevel=0");
        var image = RealImages.RawImage(project);
        Assert.StartsWith("#!/bin/sh\necho vendor\n", TreeListing.Read(image, "/usr/bin/w4b-vendor-tool"), StringComparison.Ordinal);
        Assert.Contains("Signed-By: /etc/apt/keyrings/w4b-1.asc\n", TreeListing.Read(image, "/etc/apt/sources.list.d/w4b-1.sources"), StringComparison.Ordinal);
        Assert.Equal("an archive\n", TreeListing.Read(image, "/opt/w4b/tool/README"));
        Assert.Equal("a tag\n", TreeListing.Read(image, "/opt/w4b/gauge/README"));
        Assert.Contains(TreeListing.Of(image).Keys, path => path.StartsWith("/opt/w4b/venv/lib/python3", StringComparison.Ordinal) && path.EndsWith("/site-packages/w4b_probe/__init__.py", StringComparison.Ordinal));

        var card = Path.Combine(_folder, "cut.img");
        await SparseFile.CopyAsync(image, card, SparseFile.OwnerOnly, default);
        await using (var file = new FileStream(card, FileMode.Open, FileAccess.Write))
            file.SetLength((long)BitOperations.RoundUpToPowerOf2((ulong)file.Length + (1UL << 30)));
        var server = await KeyServer.CreateAsync(s_keyServer, Path.Combine(_folder, "keys"), new SilentLog(), default);
        Prepare(card, server.File, ("volume", EncryptionPlan.Volume + ".making"), ("cluster", "/var/lib/w4b/database.making"));

        Assert.Equal("database.luks.making", await BootUntilCutAsync(project, card, server));
        Assert.Equal("database.luks database.making", await BootUntilCutAsync(project, card, server));
        Recover(project, card);

        var plans = HivePlans.Read(project.At("obj/image.json"), new SilentLog());
        var tester = new BootTester(ImageJson.Read<HiveConfiguration>(project.At("obj/image.json")), plans.Whole, plans.Layer, BootMachine.Virt, new SilentLog());
        var report = await tester.RunAsync(card, _folder, default, server.Folder);
        Assert.True(report.Passed, string.Join('\n', report.Results.Where(r => !r.Passed).Select(r => $"{r.Title}: {r.Evidence}")));
        Assert.Superset(new HashSet<string>
        {
            "volume", "volume-key", "volume-again", "database", "database-local", "database-memory", "database-role", "hypertable", "retention", "backup", "database-again", "exporter",
            "updates", "wifi", "swap", "watchdog", "keyboard", "bundle", "status-wrong", "metrics-history", "user-ada", "user-bob", "user-keeper", "user-w4b-sensors",
            "sensor-configuration", "sensor-manager", "readings", "port-9100", "port-5432",
        }, report.Results.Select(r => r.Id).ToHashSet());
    }

    private HiveProject Project()
    {
        var component = Path.Combine(Repository.Root, "samples/components/sensor_manager");
        var project = SampleHive.Create(package, Builder.Own, edit: _ => Yaml);
        foreach (var secret in new[] { "wifi", "keeper", "database" })
            project.Write("secrets/" + secret, "a password of " + secret);
        project.Write("hive.w4bproj", File.ReadAllText(project.At("hive.w4bproj")).Replace("</Project>", $"""
            <ItemGroup>
              <W4bComponent Include="{component}" />
              <W4bComponent Include="$(Vendor)/tool-1.2.tar.gz" Sha256="$(ToolSha256)" Name="tool" />
              <W4bComponent Include="file://$(MSBuildProjectDirectory)/vendor/gauge.git" Revision="v1.2" />
            </ItemGroup>
            </Project>
            """, StringComparison.Ordinal));
        return project;
    }

    // Each unit waits for a file that is there only in the middle, says what is there, and cuts the power: nothing more reaches the card.
    private static void Prepare(string card, PlannedFile keyServer, params (string Name, string Middle)[] cuts)
    {
        const string units = "/etc/systemd/system";
        using var root = Ext4FileSystem.Open(card, CardLayout.Read(card).Root.OffsetBytes, writable: true, TreeListing.AnyTime);
        void Write(string path, string text) => root.WriteFile(path, Encoding.UTF8.GetBytes(text), PlanModes.PublicFile, 0, 0);
        root.WriteFile(keyServer.Path, keyServer.Content.Span, keyServer.Mode, 0, 0);
        root.CreateDirectory($"{units}/paths.target.wants", PlanModes.PublicFolder, 0, 0, parents: true);
        foreach (var (name, middle) in cuts)
        {
            var once = $"[Unit]\nConditionPathExists=!/var/lib/cut-{name}\n";
            Write($"{units}/cut-{name}.path", $"{once}[Path]\nPathExists={middle}\n");
            Write($"{units}/cut-{name}.service", $"""
                {once}[Service]
                Type=oneshot
                ExecStart=/bin/sh -c 'touch /var/lib/cut-{name}; sync /var/lib/cut-{name}; echo "<0>power-cut: $$(ls /var/lib/w4b | grep ^database | paste -sd " ")." > /dev/kmsg; echo b > /proc/sysrq-trigger'

                """);
            root.CreateSymlink($"{units}/paths.target.wants/cut-{name}.path", $"{units}/cut-{name}.path");
        }
    }

    /// <summary>Boots the card until its power is cut; returns what was in /var/lib/w4b then.</summary>
    private async Task<string> BootUntilCutAsync(HiveProject project, string card, KeyServer server)
    {
        var console = Path.Combine(_folder, "console.log");
        File.Delete(console);
        var files = await BootFiles.TakeAsync(card, 3, Sandbox.Architecture.Arm64, BootMachine.Virt, _folder, new SilentLog(), default);
        var arguments = BootMachine.Virt.Arguments(Sandbox.Architecture.Arm64, new MachineInputs(card, files.Kernel, files.Initramfs, files.DeviceTree,
            // What the device says of itself, should its power not be cut.
            files.CommandLine + " systemd.journald.forward_to_console=1", Lan + server.NetworkOption, [], console, null, UseKvm: false));
        var run = project.Command.Run("timeout", ["900", "qemu-system-aarch64", .. arguments]);
        var lines = File.ReadAllLines(console);
        Assert.True(run.ExitCode == 0, run.Output + string.Join('\n', lines.TakeLast(150)));
        const string said = "power-cut: ";
        var line = lines.FirstOrDefault(l => l.Contains(said, StringComparison.Ordinal)) ?? "";
        return line[(line.IndexOf(said, StringComparison.Ordinal) + said.Length)..].TrimEnd('.', ' ', '\r');
    }

    // What a kernel does when it mounts such a card; here the boot test's own files are written first. e2fsck replays no journal at an offset.
    private static void Recover(HiveProject project, string card)
    {
        var root = CardLayout.Read(card).Root;
        var run = project.Command.Run("sh", "-euc", """
            dd if="$1" of="$1.root" bs=1M iflag=skip_bytes,count_bytes skip=$2 count=$3 conv=sparse status=none
            e2fsck -p "$1.root" || [ $? -eq 1 ]
            dd if="$1.root" of="$1" bs=1M oflag=seek_bytes seek=$2 conv=notrunc status=none
            rm "$1.root"
            """, "sh", card, $"{root.OffsetBytes}", $"{root.LengthBytes}");
        Assert.True(run.ExitCode == 0, run.Output);
    }

    /// <summary>A vendor's server: an apt repository signed with a key of its own, an archive; and beside the project a git repository and wheels.</summary>
    private sealed class Vendor : IDisposable
    {
        private readonly Process _server;

        private Vendor(Process server, string url) => (_server, Url) = (server, url);

        private string Url { get; }

        public static Vendor Serve(HiveProject project)
        {
            var made = project.Command.Run("bash", Path.Combine(Repository.Root, "tests/W4b.Image.Sdk.Tests/RealBuilds/vendor.sh"), project.At("vendor"));
            Assert.True(made.ExitCode == 0, made.Output);
            var server = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", project.At("vendor/server"), "0"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            // Serving HTTP on 127.0.0.1 port 45678 (http://127.0.0.1:45678/) ...
            var line = server.StandardOutput.ReadLine() ?? "";
            server.BeginErrorReadLine();
            return new Vendor(server, line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..line.IndexOf("/)", StringComparison.Ordinal)]);
        }

        /// <summary>Tells the project of it.</summary>
        public void Complete(HiveProject project)
        {
            project.Write("hive.yaml", File.ReadAllText(project.At("hive.yaml")) + $$"""
                software:
                  repositories: [{url: "{{Url}}/debian", suite: stable, key: vendor/key.asc}]
                  packages: [w4b-vendor-tool]
                  python_packages: [w4b-probe]
                  python_wheels: vendor/wheels

                """);
            using var tool = File.OpenRead(project.At("vendor/server/tool-1.2.tar.gz"));
            project.Write("Directory.Build.props", $"""
                <Project><PropertyGroup><Vendor>{Url}</Vendor><ToolSha256>{Convert.ToHexStringLower(SHA256.HashData(tool))}</ToolSha256></PropertyGroup></Project>
                """);
        }

        public void Dispose()
        {
            _server.Kill();
            _server.WaitForExit();
            _server.Dispose();
        }
    }
}

using System.Globalization;
using W4b.Image.Configuration;
using W4b.Image.Configuration.HiveManager;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Configuration.HiveManager;

public sealed class ConvertHiveConfigTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly string _sample;

    public ConvertHiveConfigTests()
    {
        // Its secrets are not for others to read; in the repository they are public.
        _sample = _folder.Write("manager.yaml", File.ReadAllText(Path.Combine(CorpusTests.Folder, "../../../../samples/from_manager/manager.yaml")));
        File.SetUnixFileMode(_sample, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The whole conversion as text: the YAML checked in is what a user gets from the sample.</summary>
    [Fact]
    public void The_sample_becomes_the_yaml_beside_this_test()
    {
        Convert(_sample, piModel: 4);
        var expected = Path.Combine(CorpusTests.Folder, "../HiveManager/converted.yaml");
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.Copy(_folder["out/hive.yaml"], expected, overwrite: true);
        Assert.Equal(File.ReadAllText(expected), File.ReadAllText(_folder["out/hive.yaml"]));
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public void What_the_manager_knows_is_in_the_hive()
    {
        Convert(_sample, piModel: 4);
        var hive = ReadConverted();

        Assert.Equal(("hive_8xKq2mVn", 4, "Europe/Berlin"), (hive.HiveId, hive.Base.PiModel, hive.System.Timezone));
        Assert.Equal(["school-garden", "visitors"], hive.Network.Wifi.Select(w => w.Ssid));
        Assert.Equal("a-public-sample-passphrase", hive.Network.Wifi[0].Password!.Resolve());
        Assert.Equal(["ada", "bo"], hive.Accounts.Administrators.Select(a => a.Username));
        Assert.Equal("another-public-sample-password", hive.Accounts.LocalAccess!.Password.Resolve());
        Assert.Equal(("203.0.113.10:51820", "10.10.0.8/32", 25), (hive.Vpn!.Endpoint, hive.Vpn.Address, hive.Vpn.PersistentKeepalive));
        Assert.Equal(3, hive.SensorManager!.Sensors.Count);
        Assert.Equal((8211d, 22.75), (hive.SensorManager.Sensors[0].Calibration.Tare, hive.SensorManager.Sensors[0].Calibration.ScaleFactor));
        Assert.Equal(TimeSpan.FromMinutes(10), hive.SensorManager.Sensors[1].Alerts[0].ThresholdDuration);
        Assert.Equal("a-public-sample-password", hive.Database!.Password!.Resolve());
        Assert.Equal([DayOfWeek.Sunday, DayOfWeek.Saturday], hive.Maintenance.Updates!.Days);
    }

    [Fact]
    public void Every_key_of_the_manager_becomes_one_of_the_image_s()
        => Assert.All(HiveManagerSettings.All, row =>
        {
            Assert.NotEmpty(row.Targets);
            Assert.All(row.Targets, target => Assert.NotNull(Settings.Table.Find(target)));
        });

    /// <summary>Each key with a value of its own: none is lost on the way.</summary>
    [Fact]
    public void Every_key_that_has_a_value_is_in_the_output()
    {
        var yaml = File.ReadAllText(_sample);
        Convert(_sample);
        var output = File.ReadAllText(_folder["out/hive.yaml"]);
        foreach (var row in HiveManagerSettings.All.Where(r => yaml.Contains(r.Setting.Key.Split('.')[^1] + ":", StringComparison.Ordinal)))
            Assert.All(row.Targets, t => Assert.Contains(t.Split('.', '[')[^1].TrimEnd(']') + ":", output, StringComparison.Ordinal));
    }

    [Fact]
    public void Secrets_go_into_files_of_their_owner_alone()
    {
        var result = Convert(_sample);
        var output = File.ReadAllText(_folder["out/hive.yaml"]);
        string[] secrets = ["a-public-sample-passphrase", "a-public-sample-password", "another-public-sample-password", "yAnz5TF+lXXJte14tji3zlMNq"];
        Assert.All(secrets, s => Assert.DoesNotContain(s, output, StringComparison.Ordinal));
        var files = result.Written.SkipLast(1).ToList();
        Assert.Equal(secrets.Length, files.Count);
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(f)!)));
    }

    [Fact]
    public void A_reference_to_a_secret_stays_one()
    {
        _folder.Write("wg.key", "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n");
        var result = Convert(_folder.Write("manager.yaml", """
            hive_id: hive_a
            security:
              wireguard: {private_key: {file: wg.key}}
              database: {password: {command: [echo, a-password]}}
            """));
        Assert.Single(result.Written);
        Assert.True(result.ReadsEnvironment);
        var output = File.ReadAllText(_folder["out/hive.yaml"]);
        Assert.Contains("file: ../wg.key", output, StringComparison.Ordinal);
        Assert.Contains("- echo", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_stays_one()
    {
        Convert(_folder.Write("manager.yaml", "hive_id: hive_a\nmetadata: {name: \"${W4B_TEST_UNSET:-Garden}\"}\n"));
        Assert.Contains("${W4B_TEST_UNSET:-Garden}", File.ReadAllText(_folder["out/hive.yaml"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_stay_texts_for_every_reader()
    {
        Convert(_folder.Write("manager.yaml", "hive_id: hive_a\nmetadata: {name: 'null', notes: \"a\\n  b\\n\\n# c\"}\nadministrators: [{username: ada, name: 'Yes'}]\nsensors: [{id: a, type: b, name: 'on'}]\n"));
        var output = File.ReadAllText(_folder["out/hive.yaml"]);
        Assert.Contains("name: \"null\"", output, StringComparison.Ordinal);
        Assert.Contains("name: \"Yes\"", output, StringComparison.Ordinal);
        Assert.Contains("name: \"on\"", output, StringComparison.Ordinal);
        Assert.Equal("a\n  b\n\n# c", new ConfigurationReader(YamlSource.Load(_folder["out/hive.yaml"]), []).Text("metadata.notes"));
    }

    [Fact]
    public void A_list_of_networks_and_a_secret_with_a_variable_are_converted()
    {
        Convert(_folder.Write("manager.yaml", """
            hive_id: hive_a
            security:
              wireguard: {allowed_ips: [10.10.0.0/24, 10.11.0.0/24]}
              database: {password: "a-${W4B_TEST_UNSET:-variable}-b"}
            """));
        Assert.Contains("- 10.11.0.0/24", File.ReadAllText(_folder["out/hive.yaml"]), StringComparison.Ordinal);
        Assert.Equal("a-variable-b\n", File.ReadAllText(_folder["out/secrets/hive_a/services.database.password"]));
    }

    [Fact]
    public void Converting_again_gives_the_same_bytes_and_only_when_told()
    {
        Convert(_sample);
        var first = File.ReadAllText(_folder["out/hive.yaml"]);
        var error = Assert.Throws<W4bException>(() => Convert(_sample));
        Assert.Equal(DiagnosticCode.OutputExists, error.Diagnostics[0].Code);
        Convert(_sample, overwrite: true);
        Assert.Equal(first, File.ReadAllText(_folder["out/hive.yaml"]));
    }

    [Theory]
    [InlineData("hive_id: bees\n", "W4B1004 1 10")]
    [InlineData("version: 1.0.0\n", "W4B1005 1 1")]
    [InlineData("hive_id: hive_a\nversion: one\n", "W4B1004 2 10")]
    [InlineData("hive_id: hive_a\nversion: 1.2\n", "W4B1004 2 10")]
    [InlineData("hive_id: hive_a\nmetadata: {location: {latitude: 100}}\n", "W4B1004 2 33")]
    [InlineData("hive_id: hive_a\nmetadata: {location: {longitude: west}}\n", "W4B1004 2 34")]
    [InlineData("hive_id: hive_a\nmetadata: {location: {timezone: Bavaria}}\n", "W4B1004 2 33")]
    [InlineData("hive_id: hive_a\nnetwork: {primary: fibre}\n", "W4B1004 2 20")]
    [InlineData("hive_id: hive_a\nnetwork: {wifi: garden}\n", "W4B1004 2 17")]
    [InlineData("hive_id: hive_a\nnetwork: {wifi: [{ssid: garden, password: short}]}\n", "W4B1004 2 43")]
    [InlineData("hive_id: hive_a\nnetwork: {lan: {static: {ip: 192.168.1}}}\n", "W4B1004 2 30")]
    [InlineData("hive_id: hive_a\nnetwork: {lan: {static: {gateway: router}}}\n", "W4B1004 2 35")]
    [InlineData("hive_id: hive_a\nnetwork: {lan: {static: {dns: [1.1.1.1, here]}}}\n", "W4B1004 2 41")]
    [InlineData("hive_id: hive_a\nwireguard: {client_ip: ten}\n", "W4B1004 2 24")]
    [InlineData("hive_id: hive_a\nwireguard: {persistent_keepalive: 70000}\n", "W4B1004 2 35")]
    [InlineData("hive_id: hive_a\nadministrators: [{username: ada, role: boss}]\n", "W4B1004 2 40")]
    [InlineData("hive_id: hive_a\nadministrators: [{username: Ada}]\n", "W4B1004 2 29")]
    [InlineData("hive_id: hive_a\nadministrators: [{email: nobody}]\n", "W4B1004 2 26")]
    [InlineData("hive_id: hive_a\ncollector: {interval: 0}\n", "W4B1004 2 23")]
    [InlineData("hive_id: hive_a\ncollector: {logging: {level: loud}}\n", "W4B1004 2 30")]
    [InlineData("hive_id: hive_a\nsensors: [{id: a, interface: {type: usb}}]\n", "W4B1004 2 37")]
    [InlineData("hive_id: hive_a\nsensors: [{id: a, interface: {pin: 99}}]\n", "W4B1004 2 36")]
    [InlineData("hive_id: hive_a\nsensors: [{id: a, calibration: {scale: x}}]\n", "W4B1004 2 40")]
    [InlineData("hive_id: hive_a\nsensors: [{id: a, alerts: [{min: low}]}]\n", "W4B1004 2 34")]
    [InlineData("hive_id: hive_a\nmaintenance: {updates: {update_hour: 25}}\n", "W4B1004 2 38")]
    [InlineData("hive_id: hive_a\nmaintenance: {updates: {allowed_days: [mon, never]}}\n", "W4B1004 2 45")]
    [InlineData("hive_id: hive_a\nsecurity: {wireguard: {private_key: abc}}\n", "W4B1004 2 37")]
    [InlineData("hive_id: hive_a\nsecurity: {wireguard: {endpoint: 'a:b'}}\n", "W4B1004 2 34")]
    [InlineData("hive_id: hive_a\nsecurity: {ssh: {public_key: ssh-rsa AAAA}}\n", "W4B1004 2 30")]
    [InlineData("hive_id: hive_a\nsecurity: {ssh: {port: 0}}\n", "W4B1004 2 24")]
    [InlineData("hive_id: hive_a\nsecurity: {database: {ssl_mode: on}}\n", "W4B1004 2 33")]
    [InlineData("hive_id: hive_a\nsecurity: 5\n", "W4B1004 2 11")]
    public void A_mistake_is_told_at_its_place_and_nothing_is_written(string yaml, string expected)
    {
        var error = Assert.Throws<W4bException>(() => Convert(_folder.Write("manager.yaml", yaml)));
        Assert.Equal([expected], error.Diagnostics.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Code.Id} {d.Location!.Line} {d.Location.Column}")));
        Assert.DoesNotContain("short\"", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void An_unknown_key_is_a_warning_that_names_the_nearest()
    {
        Convert(_folder.Write("manager.yaml", "hive_id: hive_a\ncollector: {intervall: 60}\n"));
        Assert.Contains("collector.interval.", Assert.Single(_log.Warnings).Message, StringComparison.Ordinal);
    }

    private ConversionResult Convert(string file, int? piModel = null, bool overwrite = false)
        => ConvertHiveConfigStep.Run(new ConversionRequest(file, _folder["out/hive.yaml"], overwrite, piModel), _log);

    private HiveConfiguration ReadConverted()
    {
        ReadConfigurationStep.Run(new ConfigurationRequest(_folder["out/hive.yaml"], _folder["hive_project.w4bproj"], [], [], [], [], [], _folder["obj"]), _log);
        return ImageJson.Read<HiveConfiguration>(_folder["obj/image.json"]);
    }
}

using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Configuration;

public sealed class ReadConfigurationTests : IDisposable
{
    private const string HubKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private const string HiveKey = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private const string SshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRoaXJ0eS10d28gYnl0ZXMgb2YgYSBwdWJsaWMga2V5 keeper@we4bee";
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hive_needs_no_more_than_its_id()
    {
        var hive = Read("hive_id: hive_0Bpfj4cT\n");

        Assert.Equal("hive-0bpfj4ct", hive.System.Hostname);
        Assert.Equal("trixie", hive.Base.Debian?.Suite);
        Assert.Equal(3, hive.Base.PiModel);
        Assert.Null(hive.Vpn);
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public void The_project_named_as_its_hive_gives_the_id()
        => Assert.Equal("hive_garden", Read("system: {timezone: Europe/Berlin}\n", project: "hive_garden").HiveId);

    [Fact]
    public void An_override_wins_over_the_file()
    {
        var hive = Read("hive_id: hive_a\nbase_image: {model: pi4}\n", new SettingOverride("PiModel", "5", "-p:W4bPiModel"));
        Assert.Equal(5, hive.Base.PiModel);
    }

    [Theory]
    [InlineData("hive_id: bees\n", 1, 10, "hive_id")]
    [InlineData("hive_id: hive_a\nsystem:\n  timezone: Europe/Berlim\n", 3, 13, "tz database")]
    [InlineData("hive_id: hive_a\nsystem:\n  ssh:\n    port: 70000\n", 4, 11, "1 to 65535")]
    [InlineData("hive_id: hive_a\nbase_image:\n  model: pi2\n", 3, 10, "3, 4 or 5")]
    [InlineData("hive_id: hive_a\nbase_image: {url: 'https://example.org/a.img', checksum: 'sha256:abc'}\n", 2, 58, "64 hexadecimal")]
    [InlineData("hive_id: hive_a\nbase_image: {url: 'ftp://example.org/a.img'}\n", 2, 19, "https, http or file")]
    [InlineData("hive_id: hive_a\nsecurity: {ssh: {public_key: 'ssh-rsa AAAA'}}\n", 2, 30, "public SSH key")]
    [InlineData("hive_id: hive_a\nimage: {size: huge}\n", 2, 15, "4G")]
    [InlineData("hive_id: hive_a\nsoftware: {packages: ['Not A Package']}\n", 2, 23, "Debian package")]
    [InlineData("hive_id: hive_a\nsystem: 5\n", 2, 9, "mapping")]
    public void A_wrong_value_is_an_error_at_its_place(string yaml, int line, int column, string expected)
    {
        var error = Assert.Single(Fail(yaml).Diagnostics, d => d.Message.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(DiagnosticCode.InvalidValue, error.Code);
        Assert.Equal((line, column), (error.Location!.Line, error.Location.Column));
    }

    [Theory]
    [InlineData("hive_id: [\n")]
    [InlineData("hive_id: a\nhive_id: b\n")]
    [InlineData("system:\n\tssh: true\n")]
    [InlineData("- a\n- b\n")]
    public void What_is_no_mapping_is_an_error_with_a_line(string yaml)
    {
        var error = Assert.Single(Fail(yaml).Diagnostics);
        Assert.Equal(DiagnosticCode.InvalidYaml, error.Code);
        Assert.True(error.Location!.Line >= 1);
    }

    [Fact]
    public void All_errors_are_told_at_once()
        => Assert.Equal(3, Fail("hive_id: bees\nsystem: {timezone: Mars/Phobos, ssh: {port: 0}}\n").Diagnostics.Count);

    [Fact]
    public void An_unknown_key_is_a_warning_that_names_the_nearest()
    {
        Read("hive_id: hive_a\nsystem:\n  timezon: Europe/Berlin\n");
        var warning = Assert.Single(_log.Warnings);
        Assert.Equal(DiagnosticCode.UnknownKey, warning.Code);
        Assert.Contains("system.timezone", warning.Message, StringComparison.Ordinal);
        Assert.Equal(3, warning.Location!.Line);
    }

    [Fact]
    public void What_has_no_effect_yet_is_told_once()
    {
        Read("hive_id: hive_a\noutput:\n  upload_url: https://images.example.org/upload\n");
        var warning = Assert.Single(_log.Warnings);
        Assert.Equal((DiagnosticCode.NoEffectYet, 3), (warning.Code, warning.Location!.Line));
        Assert.Contains("output.upload_url", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encryption_that_is_off_needs_no_database()
    {
        Read("hive_id: hive_a\nsecurity:\n  encryption: {enabled: false, server: http://10.0.0.1}\n");
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        var request = Request(_folder["nowhere.yaml"], "hive_a");
        var error = Assert.Throws<W4bException>(() => ReadConfigurationStep.Run(request, _log));
        Assert.Equal(DiagnosticCode.ConfigurationMissing, error.Diagnostics[0].Code);
        Assert.Contains("nowhere.yaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tunnel_says_all_that_it_lacks()
        => Assert.Equal(["security.vpn.client_ip", "security.vpn.public_key", "security.vpn.server"],
            Fail("hive_id: hive_a\nsecurity: {vpn: {enabled: true}}\n").Diagnostics.Select(d => d.Message.Split(' ')[0]).Order());

    [Fact]
    public void A_secret_is_handed_over_as_a_reference()
    {
        _folder.Write("wg.key", HiveKey + "\n");
        var hive = Read($"hive_id: hive_a\nsecurity: {{vpn: {{private_key: {{file: wg.key}}, public_key: '{HubKey}', server: 10.0.2.2, client_ip: 10.10.0.2}}}}\n");

        Assert.Equal(HiveKey, hive.Vpn!.PrivateKey!.Resolve());
        Assert.Equal("10.0.2.2:51820", hive.Vpn.Endpoint);
        Assert.Equal("10.10.0.2/32", hive.Vpn.Address);
        Assert.DoesNotContain(HiveKey, hive.ToString(), StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_folder["obj"]))
            Assert.DoesNotContain(HiveKey, File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_literal_secret_in_a_public_file_is_a_warning_and_still_works()
    {
        var hive = Read($"hive_id: hive_a\nsecurity: {{vpn: {{private_key: '{HiveKey}', public_key: '{HubKey}', server: a.example, client_ip: 10.10.0.2}}}}\n");
        Assert.Equal(DiagnosticCode.ExposedSecret, Assert.Single(_log.Warnings).Code);
        Assert.Equal(HiveKey, hive.Vpn!.PrivateKey!.Resolve());
    }

    [Fact]
    public void A_wrong_secret_is_an_error_without_its_value()
    {
        _folder.Write("wg.key", "my-secret-that-is-no-key");
        var error = Fail($"hive_id: hive_a\nsecurity: {{vpn: {{private_key: {{file: wg.key}}, public_key: '{HubKey}', server: a.example, client_ip: 10.10.0.2}}}}\n");
        Assert.DoesNotContain("my-secret", error.Message, StringComparison.Ordinal);
        Assert.Contains("wg.key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_layer_does_not_depend_on_leaves_its_inputs_untouched()
    {
        Read($"hive_id: hive_a\nsoftware: {{packages: [b, a]}}\n".Replace("[b, a]", "[bc, ab]", StringComparison.Ordinal));
        var before = File.ReadAllText(_folder["obj/software.json"]);
        var time = File.GetLastWriteTimeUtc(_folder["obj/software.json"]);
        Read($"hive_id: hive_b\nsystem: {{timezone: Europe/Paris}}\nsecurity: {{ssh: {{public_key: '{SshKey}'}}}}\nsoftware: {{packages: [ab, bc]}}\n");
        Assert.Equal(before, File.ReadAllText(_folder["obj/software.json"]));
        Assert.Equal(time, File.GetLastWriteTimeUtc(_folder["obj/software.json"]));
    }

    [Fact]
    public void What_is_read_from_the_environment_is_read_again_each_time()
    {
        Read("hive_id: hive_a\nsystem: {hostname_prefix: '${W4B_TEST_UNSET:-bees}'}\n");
        Assert.Contains(File.ReadLines(_folder["obj/dependencies.txt"]), path => !File.Exists(path));
    }

    [Fact]
    public void Another_secret_in_the_environment_is_another_configuration()
    {
        const string yaml = $"hive_id: hive_a\nsecurity: {{vpn: {{private_key: {{env: W4B_TEST_KEY}}, public_key: '{HubKey}', server: a.example, client_ip: 10.10.0.2}}}}\n";
        string? Fingerprint(string key)
        {
            Environment.SetEnvironmentVariable("W4B_TEST_KEY", key);
            return Read(yaml).EnvironmentFingerprint;
        }

        var first = Fingerprint(HiveKey);
        Assert.Equal(first, Fingerprint(HiveKey));
        Assert.NotEqual(first, Fingerprint(HubKey));
        Environment.SetEnvironmentVariable("W4B_TEST_KEY", null);
        Assert.Equal(DiagnosticCode.SecretUnavailable, Fail(yaml).Diagnostics[0].Code);
    }

    [Fact]
    public void All_traffic_may_go_through_the_tunnel()
        => Assert.Equal("0.0.0.0/0, ::/0", Read(Tunnel("subnet: [0.0.0.0/0, '::/0']")).Vpn!.AllowedIps);

    [Fact]
    public void A_variable_with_an_empty_default_is_no_value()
    {
        var hive = Read("hive_id: hive_a\nsystem: {timezone: '${W4B_TEST_UNSET:-}', ssh: {port: '${W4B_TEST_UNSET:-}'}}\nsoftware: {packages: ['${W4B_TEST_UNSET:-}', jq]}\n");
        Assert.Equal(("Etc/UTC", 22), (hive.System.Timezone, hive.Ssh.Port));
        Assert.Contains("jq", hive.Software.Packages);
    }

    [Fact]
    public void A_variable_may_name_what_is_extended()
    {
        _folder.Write("common.yaml", "system: {timezone: Europe/Rome}\n");
        Assert.Equal("Europe/Rome", Read("extends: '${W4B_TEST_UNSET:-common}.yaml'\nhive_id: hive_a\n").System.Timezone);
        Assert.Contains(File.ReadLines(_folder["obj/dependencies.txt"]), path => !File.Exists(path));
    }

    [Fact]
    public void A_reference_to_a_secret_replaces_one_of_another_kind()
    {
        _folder.Write("common.yaml", "security: {local_access: {username: keeper, password: {file: common.password}}}\nsoftware: {packages: curl}\n");
        _folder.Write("own.password", "own-password\n");
        var hive = Read("extends: common.yaml\nhive_id: hive_a\nsecurity: {local_access: {password: {command: [cat, own.password]}}}\nsoftware: {packages: !append [jq]}\n");
        Assert.Equal("own-password", hive.Accounts.LocalAccess!.Password.Resolve());
        Assert.Contains("curl", hive.Software.Packages);
        Assert.Contains("jq", hive.Software.Packages);
    }

    [Fact]
    public void The_field_s_template_has_paths_for_versions_and_tells_the_architecture()
    {
        var hive = Read("""
            hive_id: hive_a
            base_image:
              version: raspios_lite_armhf-2024-11-19/2024-11-19-raspios-bookworm-armhf-lite.img.xz
              url_template: https://downloads.example.org/images/{version}
              checksum_type: sha256
              checksum: 1dacc70cc09162c995020ac1739ee60e6843cf2bfb393654e694e3f017d781bb
              model: pi3
            """);
        Assert.Equal(("armhf", "https://downloads.example.org/images/raspios_lite_armhf-2024-11-19/2024-11-19-raspios-bookworm-armhf-lite.img.xz"),
            (hive.Base.Architecture, hive.Base.Download!.Url));
    }

    [Fact]
    public void What_the_command_line_says_wrong_is_no_mistake_of_the_yaml()
    {
        var request = Request(_folder.Write("hive.yaml", "hive_id: hive_a\n"), "project") with { Overrides = [new SettingOverride("Timezone", "Nowhere", "-p:W4bTimezone")] };
        var error = Assert.Single(Assert.Throws<W4bException>(() => ReadConfigurationStep.Run(request, _log)).Diagnostics);
        Assert.Null(error.Location);
        Assert.Contains("(-p:W4bTimezone)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Very_many_findings_are_told_in_part()
    {
        var error = Fail("hive_id: hive_a\nsoftware:\n  packages:\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"    - A{i}\n")));
        Assert.Equal(101, error.Diagnostics.Count);
        Assert.Contains("900 more", error.Diagnostics[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_extend_each_other_over_and_over_are_refused()
    {
        for (var i = 0; i < 30; i++)
            _folder.Write($"{i}.yaml", $"extends: [{i + 1}.yaml, {i + 1}.yaml]\n");
        _folder.Write("30.yaml", "");
        Assert.Contains("more than 100", Fail("extends: 0.yaml\n").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_a_URL_is_in_no_message()
    {
        var error = Fail("hive_id: hive_a\nbase_image: {url: 'ftp://keeper:S3cret@example.org/a.img'}\n");
        Assert.DoesNotContain("S3cret", error.Message, StringComparison.Ordinal);
        Assert.Contains("ftp://***@example.org", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hive", "hive_0Bpfj4cT", "hive-0bpfj4ct")]
    [InlineData("w4b", "hive_a_b-c", "w4b-a-b-c")]
    [InlineData("hive", "hive_a-", "hive-a")]
    public void A_host_name_is_legal(string prefix, string id, string expected)
        => Assert.Equal(expected, ConfigurationBuilder.Hostname(prefix, id));

    [Fact]
    public void A_private_key_in_a_public_one_s_place_is_in_no_message()
    {
        var error = Fail("hive_id: hive_a\nsystem: {ssh: {public_key: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nS3cret\"}}\n");
        Assert.DoesNotContain("S3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_project_s_items_are_listed_too()
    {
        var request = Request(_folder.Write("hive.yaml", "hive_id: hive_a\n"), "project") with
        {
            Packages = ["jq"], Services = ["hello.service"], Files = [new ProjectFile(_folder.Write("motd", ""), "/etc/motd", "0640", null)],
        };
        var (table, _) = ShowConfigurationStep.Run(request, json: false, _log);
        Assert.Matches(@"(?m)^W4bPackage +jq +project\.w4bproj$", table);
        Assert.Matches(@"(?m)^W4bService +hello\.service +project\.w4bproj$", table);
        Assert.Matches(@"(?m)^W4bFile +\S+motd -> /etc/motd 0640 +project\.w4bproj$", table);
        var (json, _) = ShowConfigurationStep.Run(request, json: true, _log);
        Assert.Contains("\"key\": \"W4bPackage\"", json, StringComparison.Ordinal);
    }

    private static string Tunnel(string more)
        => $"hive_id: hive_a\nsecurity:\n  vpn:\n    public_key: {HubKey}\n    server: hub.example.org\n    client_ip: 10.10.0.2/32\n    {more}\n";

    private HiveConfiguration Read(string yaml, params SettingOverride[] overrides) => Read(yaml, "project", overrides);

    private HiveConfiguration Read(string yaml, string project, params SettingOverride[] overrides)
    {
        ReadConfigurationStep.Run(Request(_folder.Write("hive.yaml", yaml), project) with { Overrides = overrides }, _log);
        return ImageJson.Read<HiveConfiguration>(_folder["obj/image.json"]);
    }

    private W4bException Fail(string yaml)
        => Assert.Throws<W4bException>(() => ReadConfigurationStep.Run(Request(_folder.Write("hive.yaml", yaml), "project"), _log));

    private ConfigurationRequest Request(string yaml, string project)
        => new(yaml, _folder[project + ".w4bproj"], [], [], [], [], [], _folder["obj"]);
}

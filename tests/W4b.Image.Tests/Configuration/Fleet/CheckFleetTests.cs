using System.Security.Cryptography;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Configuration.Fleet;

/// <summary>What two hives of a fleet must not share.</summary>
public sealed class CheckFleetTests : IDisposable
{
    private const string HubKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hives_of_their_own_pass_and_all_files_read_are_told()
    {
        _folder.Write("common.yaml", "system: {timezone: Europe/Berlin}\n");
        _folder.Write("b.key", Key());
        Check(("hive_a", "extends: common.yaml\n"), ("hive_b", Vpn("{file: b.key}", "10.10.0.3/32")));
        Assert.Equal(["b.key", "common.yaml", "hive_a.yaml", "hive_b.yaml"], Dependencies());
    }

    [Fact]
    public void Equal_ids_are_one_error_that_names_both_files()
    {
        var error = Assert.Single(Fail(("a", "hive_id: hive_x\n"), ("b", "\nhive_id: hive_x\n")));
        Assert.Equal((_folder["b.yaml"], 2, 10), (error.Location!.File, error.Location.Line, error.Location.Column));
        Assert.Equal("The hives a and b have the same hive id hive_x: a.yaml(1,10) and b.yaml(2,10).", error.Message);
    }

    [Fact]
    public void Equal_names_would_share_a_folder()
    {
        Directory.CreateDirectory(_folder["b"]);
        var hives = new[] { ("hive.yaml", "hive_id: hive_a\n"), ("b/hive.yaml", "hive_id: hive_b\n") }.Select(h => new FleetHive("hive", _folder.Write(h.Item1, h.Item2), [])).ToList();
        var error = Assert.Single(Assert.Throws<W4bException>(() => CheckFleetStep.Run(hives, _folder["fleet.w4bproj"], _folder["list"], _log)).Diagnostics);
        Assert.Equal("The hives hive and hive have the same name hive: hive.yaml(1,1) and b/hive.yaml(1,1).", error.Message);
    }

    [Fact]
    public void A_file_named_as_its_hive_gives_the_id()
        => Assert.Contains("hive id hive_a", Assert.Single(Fail(("hive_a", ""), ("b", "hive_id: hive_a\n"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("hive_id: hive_A\n", "hive_id: hive_a\n", "host name hive-a")] // host names have no case
    [InlineData("hive_id: hive_a\nsystem: {hostname: bees}\n", "hive_id: hive_b\nsystem:\n  hostname: bees\n", "host name bees")]
    public void Equal_host_names(string a, string b, string expected)
        => Assert.Contains(expected, Assert.Single(Fail(("a", a), ("b", b))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.10.0.5/32", "10.10.0.5")]
    [InlineData("10.10.0.5/24", "10.10.0.5/32")]
    public void Equal_VPN_addresses_whatever_their_prefix(string a, string b)
        => Assert.Contains("VPN address 10.10.0.5:", Assert.Single(Fail(("hive_a", Vpn(Key(), a)), ("hive_b", Vpn(Key(), b)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Equal_keys_from_different_places_are_found_and_not_shown()
    {
        var key = Key();
        _folder.Write("b.key", key + "\n");
        Environment.SetEnvironmentVariable("W4B_TEST_FLEET_KEY", key);
        var errors = Fail(("hive_a", Vpn(key, "10.10.0.2/32")), ("hive_b", Vpn("{file: b.key}", "10.10.0.3/32")),
            ("hive_c", Vpn("{env: W4B_TEST_FLEET_KEY}", "10.10.0.4/32")),
            ("hive_d", $"security:\n  vpn:\n    config: |\n      [Interface]\n      PrivateKey = {key}\n      Address = 10.10.0.4/32\n"));
        Assert.Equal(["hive_b WireGuard key", "hive_c WireGuard key", "hive_d VPN address", "hive_d WireGuard key"],
            errors.Select(e => $"{Path.GetFileNameWithoutExtension(e.Location!.File)} {(e.Message.Contains("WireGuard key:", StringComparison.Ordinal) ? "WireGuard key" : "VPN address")}"));
        Assert.All(errors, e => Assert.DoesNotContain(key, e.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_is_not_run_but_the_same_question_twice_is_found()
    {
        var ran = _folder["ran"];
        string Ask(string path) => Vpn($"{{command: [sh, -c, 'touch {ran}; echo key', {path}]}}", path == "a" ? "10.10.0.2/32" : "10.10.0.3/32");
        Assert.Contains("WireGuard key", Assert.Single(Fail(("hive_a", Ask("a")), ("hive_b", Ask("b").Replace(", b]", ", a]", StringComparison.Ordinal)))).Message, StringComparison.Ordinal);
        Check(("hive_a", Ask("a")), ("hive_b", Ask("b")));
        Assert.False(File.Exists(ran));
        Assert.Contains(Dependencies(), file => file.EndsWith("environment-was-read", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hive_with_mistakes_is_left_to_its_own_build_and_looked_at_again()
    {
        Check(("hive_a", "hive_id: [\n"), ("hive_b", "system: {timezone: Europe/Atlantis}\n"), ("hive_c", Vpn("{file: missing.key}", "10.10.0.2/32")));
        Assert.Contains(Dependencies(), file => file.EndsWith("environment-was-read", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_project_says_counts()
    {
        _folder.Write("hive_a.yaml", "");
        _folder.Write("hive_b.yaml", "");
        var hives = new[] { "hive_a", "hive_b" }.Select(h => new FleetHive(h, _folder[h + ".yaml"], [new SettingOverride("HiveId", "hive_x", "-p:W4bHiveId")])).ToList();
        Assert.Single(Assert.Throws<W4bException>(() => CheckFleetStep.Run(hives, _folder["fleet.w4bproj"], _folder["list"], _log)).Diagnostics);
    }

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string Vpn(string key, string address)
        => $"security:\n  vpn:\n    private_key: {key}\n    public_key: {HubKey}\n    server: hub.example.org\n    client_ip: {address}\n";

    private IReadOnlyList<Diagnostic> Fail(params (string Name, string Yaml)[] hives)
    {
        var failure = Assert.Throws<W4bException>(() => Check(hives));
        Assert.All(failure.Diagnostics, d => Assert.Equal(DiagnosticCode.SharedIdentity, d.Code));
        return failure.Diagnostics;
    }

    private void Check(params (string Name, string Yaml)[] hives)
        => CheckFleetStep.Run([.. hives.Select(h => new FleetHive(h.Name, _folder.Write(h.Name + ".yaml", h.Yaml), []))], _folder["fleet.w4bproj"], _folder["list"], _log);

    private IEnumerable<string> Dependencies() => File.ReadAllLines(_folder["list"]).Select(f => Path.GetRelativePath(_folder.Path, f)).Order(StringComparer.Ordinal);
}

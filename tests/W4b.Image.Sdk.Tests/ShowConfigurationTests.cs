using System.Text.Json;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>Every value with its source, from the real domain.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class ShowConfigurationTests(SdkPackage package)
{
    private const string Yaml = """
        hive_id: hive_x
        system:
          timezone: Europe/Berlin
        security:
          local_access: {username: keeper, password: c0rrectHorseBattery}
        """;

    [Fact]
    public void Table_is_shown_and_kept_without_secrets()
    {
        var project = new HiveProject(package, "<PropertyGroup><W4bPiModel>4</W4bPiModel></PropertyGroup>", Yaml, fake: false);
        project.Set("W4B_VPN_SERVER", "hub.example.org");
        var result = project.MustBuild("-t:ShowConfiguration", "-p:W4bHostnamePrefix=bees", "-tl:off");
        var table = File.ReadAllText(project.At("obj/configuration.txt"));
        Assert.Matches(@"(?m)^system\.timezone +Europe/Berlin +hive\.yaml:3$", table);
        Assert.Matches(@"(?m)^system\.hostname_prefix +bees +-p:W4bHostnamePrefix$", table);
        Assert.Matches(@"(?m)^base_image\.model +4 +hive\.w4bproj$", table);
        Assert.Matches(@"(?m)^security\.vpn\.server +hub\.example\.org +environment W4B_VPN_SERVER$", table);
        Assert.Matches(@"(?m)^system\.locale +en_US\.UTF-8 +default$", table);
        Assert.Matches(@"(?m)^security\.local_access\.password +\*\*\* +hive\.yaml:5$", table);
        Assert.All(table.Split('\n'), line => Assert.Contains(line.TrimEnd(), result.Output));
        Assert.Contains($"hive -> {project.At("obj/configuration.txt")}", result.Output);
        Assert.Empty(Scan.ForSecrets(project.Root, ["c0rrectHorseBattery"], except: ["hive.yaml"]));
    }

    [Fact]
    public void Json_is_for_programs()
    {
        var project = new HiveProject(package, yaml: Yaml, fake: false);
        project.MustBuild("-t:ShowConfiguration", "-p:W4bFormat=json");
        using var json = JsonDocument.Parse(File.ReadAllText(project.At("obj/configuration.json")));
        var timezone = json.RootElement.EnumerateArray().Single(e => e.GetProperty("key").GetString() == "system.timezone");
        Assert.Equal(("Europe/Berlin", "hive.yaml:3"), (timezone.GetProperty("value").GetString(), timezone.GetProperty("source").GetString()));
        Assert.Equal("W4B1004", Assert.Single(project.Build("-t:ShowConfiguration", "-p:W4bFormat=xml").Errors).Code);
    }

    [Fact]
    public void Mistakes_are_told_beside_the_values()
    {
        var project = new HiveProject(package, yaml: Yaml.Replace("Europe/Berlin", "Europe/Atlantis", StringComparison.Ordinal), fake: false);
        var error = Assert.Single(project.Build("-t:ShowConfiguration").Errors);
        Assert.Equal(("W4B1004", project.At("hive.yaml"), 3), (error.Code, error.File, error.Line));
        Assert.Contains("hive_x", File.ReadAllText(project.At("obj/configuration.txt")));
    }
}

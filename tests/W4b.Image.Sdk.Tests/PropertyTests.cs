using System.Runtime.InteropServices;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class PropertyTests(SdkPackage package)
{
    [Fact]
    public void Defaults()
    {
        var project = new HiveProject(package);
        project.Set("W4B_CACHE_DIR", null);
        project.Set("XDG_CACHE_HOME", "/somewhere/cache");
        var expected = new Dictionary<string, string>
        {
            ["UsingW4bImageSdk"] = "true",
            ["W4bConfigFile"] = "hive.yaml",
            ["W4bCacheDirectory"] = "/somewhere/cache/w4b",
            ["W4bOutputDirectory"] = "bin/",
            ["OutDir"] = project.At("bin") + "/",
            ["W4bHostOS"] = "Linux",
            ["W4bNativeTwins"] = RuntimeInformation.OSArchitecture == Architecture.X64 ? "true" : "false",
            ["W4bKeepRawImage"] = "true",
            ["W4bHiveId"] = "",
            ["W4bPiModel"] = "",
            ["DefaultProjectTypeGuid"] = "{9A19103F-16F7-4668-BE54-9A1E7A4F7556}",
            ["TargetExt"] = ".img.xz",
            ["TargetFramework"] = "",
            ["IsPackable"] = "false",
            ["DisableFastUpToDateCheck"] = "true",
        };
        var actual = project.Properties([.. expected.Keys]);
        Assert.Equal(expected, expected.Keys.ToDictionary(name => name, name => actual[name]));
    }

    [Fact]
    public void Cache_is_in_the_home_folder_when_nothing_else_says()
    {
        var project = new HiveProject(package);
        project.Set("W4B_CACHE_DIR", null);
        project.Set("XDG_CACHE_HOME", "");
        project.Set("HOME", project.Root);
        Assert.Equal($"{project.Root}/.cache/w4b", project.Properties(["W4bCacheDirectory"])["W4bCacheDirectory"]);
    }

    public static TheoryData<string, string> Settings => new()
    {
        { "W4bHiveId", "W4B_HIVE_ID" },
        { "W4bOutputDirectory", "W4B_IMAGE_OUTPUT_DIR" },
        { "W4bRaspiOSVersion", "W4B_RASPIOS_VERSION" },
        { "W4bPiModel", "W4B_PI_MODEL" },
        { "W4bTimezone", "W4B_TIMEZONE" },
        { "W4bDownloadServer", "W4B_DOWNLOAD_SERVER" },
        { "W4bPublishUrl", "W4B_PUBLISH_URL" },
        { "W4bVpnServer", "W4B_VPN_SERVER" },
        { "W4bConfigFile", "W4B_CONFIG_FILE" },
        { "W4bHiveConfigFile", "W4B_HIVE_CONFIG" },
        { "W4bHostnamePrefix", "W4B_HOSTNAME_PREFIX" },
        { "W4bCacheDirectory", "W4B_CACHE_DIR" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Command_line_beats_environment_beats_project(string property, string variable)
    {
        var project = new HiveProject(package, $"<PropertyGroup><{property}>project</{property}></PropertyGroup>");
        project.Set(variable, null);
        Assert.Equal("project", project.Properties([property])[property]);
        project.Set(variable, "environment");
        Assert.Equal("environment", project.Properties([property])[property]);
        Assert.Equal("line", project.Properties([property], $"-p:{property}=line")[property]);
    }

    [Theory]
    [InlineData("W4bOutputDirectory=out", "out")]
    [InlineData("OutDir=out/", "out")]
    [InlineData("OutputPath=out", "out")]
    public void Output_folder_can_be_named_in_each_usual_way(string property, string folder)
    {
        var project = new HiveProject(package);
        project.MustBuild($"-p:{property}");
        Assert.Single(Directory.GetFiles(project.At(folder), "*.img.xz"));
        Assert.False(Directory.Exists(project.At("bin")));
    }

    [Fact]
    public void Output_option_of_the_command_line_beats_the_environment()
    {
        var project = new HiveProject(package);
        project.Set("W4B_IMAGE_OUTPUT_DIR", project.At("environment"));
        project.MustBuild("-o", project.At("option"));
        Assert.Single(Directory.GetFiles(project.At("option"), "*.img.xz"));
        Assert.False(Directory.Exists(project.At("environment")));
    }

    [Fact]
    public void Configuration_is_told_where_each_value_came_from()
    {
        var project = new HiveProject(package, "<PropertyGroup><W4bPiModel>4</W4bPiModel><W4bTimezone>UTC</W4bTimezone></PropertyGroup>");
        project.Set("W4B_TIMEZONE", "Europe/Berlin");
        project.MustBuild("-p:W4bHiveId=hive_x");
        var lines = File.ReadAllLines(project.At("obj/image.json")).Where(line => line.StartsWith("override.", StringComparison.Ordinal));
        Assert.Equal(
        [
            "override.HiveId: hive_x from -p:W4bHiveId",
            "override.PiModel: 4 from hive.w4bproj",
            "override.Timezone: Europe/Berlin from environment W4B_TIMEZONE",
            $"override.CacheDirectory: {project.Cache} from environment W4B_CACHE_DIR",
        ], lines);
    }
}

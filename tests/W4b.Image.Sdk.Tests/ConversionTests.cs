using W4b.Image.Diagnostics;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>From the hive configuration manager's file.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class ConversionTests(SdkPackage package)
{
    private const string Manager = "base: b\nsoftware: s\nhive: h\nsecret: c0rrectHorse\n";

    [Fact]
    public void ConvertHiveConfig_writes_the_images_YAML_once()
    {
        var project = Project();
        var result = project.MustBuild("-t:ConvertHiveConfig", "-p:W4bHiveConfigFile=manager.yaml");
        Assert.Contains($"hive -> {project.At("hive.yaml")}", result.Output);
        Assert.Equal("base: b\nsoftware: s\nhive: h\n", File.ReadAllText(project.At("hive.yaml")));

        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: edited\n");
        var error = Assert.Single(project.Build("-t:ConvertHiveConfig", "-p:W4bHiveConfigFile=manager.yaml").Errors);
        Assert.Equal(("W4B1010", project.At("hive.yaml")), (error.Code, error.File));
        Assert.Contains("edited", File.ReadAllText(project.At("hive.yaml")));
        project.MustBuild("-t:ConvertHiveConfig", "-p:W4bHiveConfigFile=manager.yaml", "-p:W4bOutputFile=other/new.yaml");
        Assert.True(File.Exists(project.At("other/new.yaml")));
        project.MustBuild("-t:ConvertHiveConfig", "-p:W4bHiveConfigFile=manager.yaml", "-p:W4bOverwrite=true");
        Assert.DoesNotContain("edited", File.ReadAllText(project.At("hive.yaml")));
    }

    [Fact]
    public void ConvertHiveConfig_needs_a_file()
    {
        var error = Assert.Single(Project().Build("-t:ConvertHiveConfig").Errors);
        Assert.Equal("W4B1005", error.Code);
        Assert.EndsWith(DiagnosticCode.MissingValue.Remedy, error.Text);
    }

    [Theory]
    [InlineData("-p:W4bHiveConfigFile=manager.yaml", null)]
    [InlineData("-p:Unrelated=", "manager.yaml")]
    public void Project_is_built_from_the_managers_file(string argument, string? variable)
    {
        var project = Project();
        project.Set("W4B_HIVE_CONFIG", variable);
        var first = project.MustBuild(argument);
        Assert.Equal(["ConvertHiveConfig", "ReadImageConfiguration"], first.OwnTasks.Take(2));
        Assert.Contains("hive: h\n", File.ReadAllText(project.At("obj/image.json")));
        Assert.Empty(project.MustBuild(argument).OwnTasks);

        project.Write("manager.yaml", Manager.Replace("hive: h", "hive: other", StringComparison.Ordinal));
        Assert.Equal(["ConvertHiveConfig", "ReadImageConfiguration", "ConfigureHive"], project.MustBuild(argument).OwnTasks.Take(3));
        Assert.Contains("hive: other\n", File.ReadAllText(project.At("obj/image.json")));

        File.Delete(project.At("obj/secrets/secret"));
        Assert.Equal("ConvertHiveConfig", project.MustBuild(argument).OwnTasks[0]);
        Assert.True(File.Exists(project.At("obj/secrets/secret")));
    }

    [Fact]
    public void The_images_own_YAML_is_laid_over_it_and_taken_away()
    {
        var project = new HiveProject(package, yaml: null, fake: false);
        project.Write("manager.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples/from_manager/manager.yaml")));
        string[] read = ["-t:ReadImageConfiguration", "-p:W4bHiveConfigFile=manager.yaml"];
        project.MustBuild(read);
        Assert.Contains("Europe/Berlin", File.ReadAllText(project.At("obj/image.json")));

        project.Write("hive.yaml", "system: {timezone: Europe/Paris}\n");
        project.MustBuild(read);
        Assert.Contains("Europe/Paris", File.ReadAllText(project.At("obj/image.json")));
        Assert.Contains("hive_8xKq2mVn", File.ReadAllText(project.At("obj/image.json")));
        Assert.Empty(project.MustBuild(read).OwnTasks);

        project.Write("hive.yaml", "system: {keyboard: no such layout}\n");
        var error = Assert.Single(project.Build(read).Errors);
        Assert.Equal((project.At("hive.yaml"), 1), (error.File, error.Line));

        File.Delete(project.At("hive.yaml"));
        project.MustBuild(read);
        Assert.Contains("Europe/Berlin", File.ReadAllText(project.At("obj/image.json")));
    }

    [Fact]
    public void Clean_deletes_the_secrets()
    {
        var project = Project();
        project.MustBuild("-p:W4bHiveConfigFile=manager.yaml");
        Assert.Equal(0, project.Dotnet("clean").ExitCode);
        Assert.Equal(["hive.w4bproj", "manager.yaml"], project.Files().Where(file => !file.EndsWith("FileListAbsolute.txt", StringComparison.Ordinal)));
    }

    private HiveProject Project()
    {
        var project = new HiveProject(package, yaml: null);
        project.Write("manager.yaml", Manager);
        return project;
    }
}

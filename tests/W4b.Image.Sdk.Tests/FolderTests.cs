using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>Where images and cache are, when the YAML says it.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class FolderTests(SdkPackage package)
{
    private const string Yaml = "base: b\nsoftware: s\nhive: h\noutput: images\ncache: the-cache\n";

    [Fact]
    public void Yaml_names_the_output_folder()
    {
        var project = new HiveProject(package, yaml: Yaml);
        var result = project.MustBuild();
        var image = Assert.Single(Directory.GetFiles(project.At("images"), "*.img.xz"));
        Assert.False(Directory.Exists(project.At("bin")));
        Assert.Contains($"hive -> {image}", result.Output);
        Assert.Empty(project.MustBuild().OwnTasks);
        Assert.Equal([image], project.TargetResult("GetTargetPath"));

        project.Write("hive.yaml", Yaml.Replace("hive: h", "hive: other", StringComparison.Ordinal));
        project.MustBuild();
        Assert.NotEqual(image, Assert.Single(Directory.GetFiles(project.At("images"), "*.img.xz")));

        Assert.Single(Directory.GetFiles(project.At("images"), "*.img.xz"));
        project.MustBuild("-t:Rebuild");
        Assert.Single(Directory.GetFiles(project.At("images"), "*.img.xz"));
        Assert.Equal(0, project.Dotnet("clean").ExitCode);
        Assert.Empty(Directory.GetFiles(project.At("images")));
    }

    [Fact]
    public void First_rebuild_goes_there_too()
    {
        var project = new HiveProject(package, yaml: Yaml);
        project.MustBuild("-t:Rebuild");
        Assert.Single(Directory.GetFiles(project.At("images"), "*.img.xz"));
    }

    [Theory]
    [InlineData("-p:W4bOutputDirectory=elsewhere", null, null)]
    [InlineData("-p:OutDir=elsewhere/", null, null)]
    [InlineData("--output=elsewhere", null, null)]
    [InlineData("-p:Unrelated=", "elsewhere", null)]
    [InlineData("-p:Unrelated=", null, "elsewhere")]
    public void Command_line_environment_and_project_beat_the_Yamls_output_folder(string argument, string? variable, string? property)
    {
        var project = new HiveProject(package, $"<PropertyGroup><W4bOutputDirectory>{property}</W4bOutputDirectory></PropertyGroup>", Yaml);
        project.Set("W4B_IMAGE_OUTPUT_DIR", variable);
        project.MustBuild(argument);
        Assert.Single(Directory.GetFiles(project.At("elsewhere"), "*.img.xz"));
        Assert.False(Directory.Exists(project.At("images")));
    }

    [Fact]
    public void Yaml_names_the_cache_unless_something_else_does()
    {
        var project = new HiveProject(package, yaml: Yaml);
        project.MustBuild();
        Assert.True(Directory.Exists(project.Cache));
        Assert.False(Directory.Exists(project.At("the-cache")));

        project.Set("W4B_CACHE_DIR", null);
        project.MustBuild();
        Assert.StartsWith(project.At("the-cache") + "/", File.ReadAllText(project.At("obj/layer.path")));
        Assert.True(File.Exists(project.At("the-cache/CACHEDIR.TAG")));
        Assert.Empty(project.MustBuild().OwnTasks);

        project.MustBuild("-t:CleanCache");
        Assert.False(Directory.Exists(project.At("the-cache")));
        Assert.True(Directory.Exists(project.Cache));
    }
}

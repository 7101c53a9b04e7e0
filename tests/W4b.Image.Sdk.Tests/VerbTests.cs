using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>What else is done with a project.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class VerbTests(SdkPackage package)
{
    [Theory]
    [InlineData("sln")]
    [InlineData("slnx")]
    public void Solution_takes_and_builds_the_project(string format)
    {
        var project = new HiveProject(package);
        foreach (var arguments in new string[][] { ["new", "sln", "-f", format, "-n", "hives"], ["sln", $"hives.{format}", "add", "hive.w4bproj"], ["build", $"hives.{format}", "-m:2"] })
        {
            var result = project.Command.Run("dotnet", arguments);
            Assert.True(result.ExitCode == 0, result.Output);
        }

        Assert.True(File.Exists(project.Image));
    }

    [Fact]
    public void Ordinary_user_builds()
    {
        var project = new HiveProject(package, user: Environment.IsPrivilegedProcess ? "nobody" : null);
        project.MustBuild();
        Assert.True(File.Exists(project.Image));
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Design_time_build_writes_nothing_and_runs_no_task()
    {
        var project = new HiveProject(package);
        var before = project.Files();
        var result = project.Dotnet("msbuild", "hive.w4bproj", "-p:DesignTimeBuild=true", "-p:BuildingInsideVisualStudio=true", "-p:BuildingProject=false",
            "-t:CompileDesignTime;ResolveProjectReferencesDesignTime;ResolveAssemblyReferencesDesignTime;ResolvePackageDependenciesDesignTime;CollectPackageReferences;BuiltProjectOutputGroup");
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Empty(result.OwnTasks);
        Assert.Equal(before, project.Files());
    }

    [Fact]
    public void GetTargetPath_returns_the_image_and_touches_nothing()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        var before = project.Files();
        Assert.Equal([project.Image], project.TargetResult("GetTargetPath"));
        Assert.Equal(before, project.Files());
    }

    [Fact]
    public void Publish_copies_the_image_and_what_belongs_to_it()
    {
        var project = new HiveProject(package);
        Assert.Equal(0, project.Dotnet("publish", "-o", project.At("published")).ExitCode);
        Assert.Equal(
            Directory.GetFiles(project.At("bin")).Select(Path.GetFileName).Order(),
            Directory.GetFiles(project.At("published")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Publish_goes_where_the_YAML_says_unless_the_command_line_names_a_folder()
    {
        var project = new HiveProject(package);
        project.Write("hive.yaml", $"base: b\nsoftware: s\nhive: h\npublish: {project.At("server")}\n");
        var result = project.Dotnet("publish");
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Single(Directory.GetFiles(project.At("server"), "*.img.xz"));
        Assert.Contains($"Listed 1: {project.At("server")}", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, project.Dotnet("publish", "-o", project.At("folder")).ExitCode);
        Assert.Single(Directory.GetFiles(project.At("folder"), "*.img.xz"));
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Image_is_signed_anew_when_the_key_changes_and_the_signature_goes_with_the_image()
    {
        var project = new HiveProject(package);
        project.Write("images.key", "key 1");
        string Signature() => File.ReadAllText(project.Image + ".minisig");
        project.MustBuild("-p:W4bSigningKey=images.key");
        Assert.Equal("key 1", Signature());
        Assert.Empty(project.MustBuild("-p:W4bSigningKey=images.key").OwnTasks);
        project.Write("images.key", "key 2");
        project.MustBuild("-p:W4bSigningKey=images.key");
        Assert.Equal("key 2", Signature());
        Assert.Equal(0, project.Dotnet("clean").ExitCode);
        Assert.False(Directory.Exists(project.At("bin")) && Directory.EnumerateFiles(project.At("bin")).Any());
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("pack")]
    [InlineData("build", "--no-incremental")]
    [InlineData("build", "-graph")]
    [InlineData("build", "-mt")]
    public void Verb_works(params string[] arguments)
    {
        var result = new HiveProject(package).Dotnet(arguments);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void VerifyImage_builds_nothing_and_tells_what_came_out()
    {
        var project = new HiveProject(package);
        var nothing = project.Dotnet("build", "-t:VerifyImage");
        Assert.Contains("error W4B1005: Which image is to be verified?", nothing.Output, StringComparison.Ordinal);
        project.MustBuild();
        Assert.Contains($"verified {Path.GetFileName(project.Image)}", project.MustBuild("-t:VerifyImage").Output, StringComparison.Ordinal);
        var named = project.MustBuild("-t:VerifyImage", $"-p:W4bImageFile=bin/{Path.GetFileName(project.Image)}", "-p:W4bVerifyQuick=true");
        Assert.Equal(["VerifyImage"], named.OwnTasks);
        Assert.Equal("quick", File.ReadAllText(project.At("obj/verification.json")));
        project.MustBuild("-t:VerifyImage", "-p:W4bManifestFile=card.json");
        Assert.Equal($"full by {project.At("card.json")}", File.ReadAllText(project.At("obj/verification.json")));

        project.Write("other.img", "another hive's");
        Assert.Equal("W4B5012", Assert.Single(project.Build("-t:VerifyImage", "-p:W4bImageFile=other.img").Errors).Code);
        project.MustBuild("-t:VerifyImage", "-p:W4bImageFile=other.img", "-p:W4bVerifyProject=false");
        Assert.Contains("There is no image", project.Build("-t:VerifyImage", "-p:W4bImageFile=missing.img").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_the_project_s_own_is_asked_again_when_it_changes()
    {
        var project = new HiveProject(package, body: """<ItemGroup><W4bRule Include="rules/*.sh" Severity="warning" /></ItemGroup>""");
        Directory.CreateDirectory(project.At("rules"));
        project.Write("rules/own.sh", "exit 0");
        project.MustBuild();
        Assert.Empty(project.MustBuild().OwnTasks);
        project.Write("rules/own.sh", "exit 1");
        Assert.Contains("ValidateImage", project.MustBuild().OwnTasks);
        project.Write("rules/another.sh", "exit 0");
        Assert.Contains("ValidateImage", project.MustBuild().OwnTasks);
        File.Delete(project.At("rules/another.sh"));
        Assert.Contains("ValidateImage", project.MustBuild().OwnTasks);
    }
}

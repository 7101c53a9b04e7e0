using W4b.Image.Diagnostics;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>Many hives in one project.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class FleetTests(SdkPackage package)
{
    private static readonly string[] Stages = ["ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"];

    [Fact]
    public void Every_hive_is_built_and_a_second_build_runs_no_task()
    {
        var project = Fleet();
        var result = project.MustBuild();
        Assert.Equal("CheckFleet", result.OwnTasks[0]);
        Assert.Equal(3, Images(project).Length);
        Assert.All(new[] { "a", "b", "c" }, hive => Assert.Contains($"hive: {hive}\n", File.ReadAllText(project.At($"obj/{hive}/image.json"))));
        Assert.Contains("Built: a, b, c.", result.Output);

        var again = project.MustBuild();
        Assert.Empty(again.OwnTasks);
        Assert.All(Images(project), image => Assert.Contains($"hive -> {image}", again.Output));
    }

    [Fact]
    public void Raw_images_that_are_not_kept_leave_the_archives_and_a_second_build_runs_no_task()
    {
        var project = Fleet();
        project.MustBuild("-p:W4bKeepRawImage=false");
        Assert.Equal(3, Images(project).Length);
        Assert.Empty(Directory.GetFiles(project.At("obj"), "*.img", SearchOption.AllDirectories));
        Assert.Empty(project.MustBuild("-p:W4bKeepRawImage=false").OwnTasks);
    }

    [Fact]
    public void The_layer_is_made_once()
        => Assert.Single(Fleet().MustBuild("-m:2").OwnTasks, task => task == "WriteLayer");

    [Fact]
    public void A_hive_that_fails_does_not_stop_the_others_and_is_named()
    {
        var project = Fleet();
        Write(project, "b", more: "fail: ConfigureHive\n");
        var result = project.Build();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(["W4B0007", "W4B1023"], result.Errors.Select(e => e.Code));
        var summary = result.Errors[1];
        Assert.Equal(project.At("hive.w4bproj"), summary.File);
        Assert.Equal($"Not built: b. Built: a, c. {DiagnosticCode.HiveFailed.Remedy}", summary.Text);
        Assert.Equal(2, Images(project).Length);

        Write(project, "b");
        Assert.Equal(["CheckFleet", "ReadImageConfiguration", "FetchBaseImage", "MountImage", .. Stages], project.MustBuild().OwnTasks);
        Assert.Equal(3, Images(project).Length);
    }

    [Fact]
    public void A_hive_changed_builds_that_one()
    {
        var project = Fleet();
        project.MustBuild();
        var before = Images(project);
        project.Write("hives/b.yaml", "base: b\nsoftware: s\nhive: other\nvpn: b\n");
        Assert.Equal(["CheckFleet", "ReadImageConfiguration", .. Stages], project.MustBuild().OwnTasks);
        Assert.Equal(2, Images(project).Intersect(before).Count());
        Assert.Equal(3, Images(project).Length);
    }

    [Fact]
    public void A_hive_added_builds_that_one()
    {
        var project = Fleet();
        project.MustBuild();
        Write(project, "d");
        Assert.Equal(["CheckFleet", "ReadImageConfiguration", "FetchBaseImage", "MountImage", .. Stages], project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Two_hives_alike_are_an_error_before_any_is_built()
    {
        var project = Fleet();
        Write(project, "c", vpn: "a");
        foreach (var result in new[] { project.Build(), project.Build("-p:W4bHive=b") })
        {
            var error = Assert.Single(result.Errors);
            Assert.Equal(("W4B1021", project.At("hives/c.yaml"), 4), (error.Code, error.File, error.Line));
            Assert.Contains(project.At("hives/a.yaml"), error.Text);
            Assert.Equal(["CheckFleet"], result.OwnTasks);
        }

        Write(project, "c");
        project.MustBuild();
    }

    [Fact]
    public void One_hive_is_chosen_by_its_name()
    {
        var project = Fleet();
        project.MustBuild("-p:W4bHive=b");
        Assert.Contains("hive: b\n", File.ReadAllText(Assert.Single(Images(project))));
        project.MustBuild();
        Assert.Equal(3, Images(project).Length);
        Assert.Empty(project.MustBuild("-p:W4bHive=b").OwnTasks);

        var error = Assert.Single(project.Build("-p:W4bHive=x").Errors);
        Assert.Equal(("W4B1022", project.At("hive.w4bproj")), (error.Code, error.File));
        Assert.Equal($"The fleet has no hive x; it has a, b, c. {DiagnosticCode.UnknownHive.Remedy}", error.Text);
    }

    [Fact]
    public void Hives_are_built_at_the_same_time()
    {
        var project = Fleet();
        Write(project, "a", more: "meets: b.yaml\n");
        Write(project, "b", more: "meets: a.yaml\n");
        project.MustBuild("-m:2");
    }

    [Fact]
    public void What_an_item_says_beats_the_project_and_nothing_else()
    {
        var project = Fleet("""
            <PropertyGroup><W4bTimezone>project</W4bTimezone><W4bPiModel>3</W4bPiModel></PropertyGroup>
            <ItemGroup><W4bHive Update="hives/b.yaml" HiveId="hive_item" Timezone="item" PiModel="5" /></ItemGroup>
            """);
        project.Set("W4B_PI_MODEL", "4");
        project.MustBuild("-p:W4bHostnamePrefix=line");
        string[] Overrides(string hive) => [.. File.ReadAllLines(project.At($"obj/{hive}/image.json")).Where(l => l.StartsWith("override.", StringComparison.Ordinal) && !l.Contains("Cache"))];
        string[] everywhere = ["override.HostnamePrefix: line from -p:W4bHostnamePrefix", "override.PiModel: 4 from environment W4B_PI_MODEL"];
        Assert.Equal([.. everywhere, "override.Timezone: project from hive.w4bproj"], Overrides("a"));
        Assert.Equal(["override.HiveId: hive_item from hive.w4bproj", .. everywhere, "override.Timezone: item from hive.w4bproj"], Overrides("b"));
    }

    [Fact]
    public void Items_of_the_project_may_differ_by_the_hive()
    {
        var project = Fleet("""<ItemGroup><W4bPackage Include="htop" Condition="'$(W4bHive)' == 'b'" /></ItemGroup>""");
        project.MustBuild();
        Assert.Contains("packages: \n", File.ReadAllText(project.At("obj/a/software.json")));
        Assert.Contains("packages: htop\n", File.ReadAllText(project.At("obj/b/software.json")));
    }

    [Fact]
    public void Hives_in_folders_of_their_own_are_told_apart_by_them()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bHive Include="sites/**/hive.yaml" /></ItemGroup>""", yaml: null);
        foreach (var site in new[] { "north", "south" })
            project.Write($"sites/{site}/hive.yaml", $"base: b\nsoftware: s\nhive: {site}\n");
        project.MustBuild();
        Assert.Equal(2, Images(project).Length);
        Assert.True(Directory.Exists(project.At("obj/north.hive")));
        Assert.Empty(project.MustBuild("-p:W4bHive=south.hive").OwnTasks);
    }

    [Fact]
    public void Clean_leaves_sources_and_Rebuild_makes_all_again()
    {
        var project = Fleet();
        var sources = project.Files();
        project.MustBuild();
        Assert.Equal(0, project.Dotnet("clean").ExitCode);
        Assert.Equal(sources, project.Files().Where(file => !file.EndsWith("FileListAbsolute.txt", StringComparison.Ordinal)));
        Assert.Equal(3, project.MustBuild("-t:Rebuild").OwnTasks.Count(task => task == "CompressImage"));
        Assert.Equal(3, Images(project).Length);
    }

    [Theory]
    [InlineData("ReadImageConfiguration")]
    [InlineData("FetchBaseImage")]
    [InlineData("InstallSoftware")]
    [InlineData("CustomizeImage")]
    [InlineData("ValidateImage")]
    [InlineData("CompressImage")]
    [InlineData("ShowConfiguration")]
    public void A_verb_is_that_of_each_hive(string target)
    {
        var tasks = Fleet().MustBuild($"-t:{target}").OwnTasks;
        var last = target switch { "InstallSoftware" => "MountImage", "CustomizeImage" => "ConfigureWireGuard", _ => target };
        Assert.Equal(3, tasks.Count(task => task == last));
        Assert.Equal(target == "CompressImage" ? 3 : 0, tasks.Count(task => task == "CompressImage"));
    }

    [Fact]
    public void CleanCache_finds_the_cache_of_each_hive()
    {
        var project = Fleet();
        project.MustBuild();
        project.MustBuild("-t:CleanCache");
        Assert.False(Directory.Exists(project.Cache));
    }

    [Fact]
    public void Publish_copies_every_image()
    {
        var project = Fleet();
        var result = project.Dotnet("publish", "-o", project.At("published"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, Directory.GetFiles(project.At("published"), "*.img.xz").Length);
        Assert.Equal(["PublishImage", "PublishImage", "PublishImage", "PublishList"], result.OwnTasks.Where(t => t.StartsWith("Publish", StringComparison.Ordinal)));
        Assert.Contains("Listed 3:", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hive_that_is_not_published_does_not_keep_the_others_from_being_listed()
    {
        var project = Fleet();
        Write(project, "b", more: "fail: PublishImage\n");
        var result = project.Dotnet("publish", "-o", project.At("published"));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Listed 2:", result.Output, StringComparison.Ordinal);
        Assert.Contains(result.Errors, e => e.Code == "W4B1023" && e.Text.StartsWith("Not published: b.", StringComparison.Ordinal));

        Write(project, "b");
        Assert.Contains("Listed 3:", project.Dotnet("publish", "-o", project.At("published")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void GetTargetPath_returns_each_image_once()
    {
        var project = Fleet();
        project.MustBuild();
        Assert.Equal(Images(project), project.TargetResult("GetTargetPath").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("build", "-graph")]
    [InlineData("build", "-mt")]
    [InlineData("restore")]
    [InlineData("pack")]
    [InlineData("msbuild", "-p:DesignTimeBuild=true", "-p:BuildingInsideVisualStudio=true", "-p:BuildingProject=false", "-t:CompileDesignTime;ResolveProjectReferencesDesignTime")]
    public void Verb_works(params string[] arguments)
    {
        var result = Fleet().Dotnet(arguments);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Empty(result.Warnings);
    }

    private HiveProject Fleet(string more = "")
    {
        var project = new HiveProject(package, """<ItemGroup><W4bHive Include="hives/*.yaml" /></ItemGroup>""" + more, yaml: null);
        foreach (var hive in new[] { "a", "b", "c" })
            Write(project, hive);
        return project;
    }

    private static void Write(HiveProject project, string hive, string? vpn = null, string more = "")
        => project.Write($"hives/{hive}.yaml", $"base: b\nsoftware: s\nhive: {hive}\nvpn: {vpn ?? hive}\n{more}");

    private static string[] Images(HiveProject project) => [.. Directory.GetFiles(project.At("bin"), "*.img.xz").Order(StringComparer.Ordinal)];
}

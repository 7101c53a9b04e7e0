using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>What runs again, and what does not.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class IncrementalTests(SdkPackage package)
{
    private static readonly string[] Everything =
        ["ReadImageConfiguration", "FetchBaseImage", "MountImage", "ApplyChroot", "WriteLayer", "ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"];

    private static readonly string[] HiveOnly = ["ReadImageConfiguration", "ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"];

    private static readonly string[] Targets =
        ["ReadImageConfiguration", "FetchBaseImage", "InstallSoftware", "CustomizeImage", "ValidateImage", "CompressImage"];

    [Fact]
    public void Nothing_changed_runs_no_task_and_names_the_image()
    {
        var project = new HiveProject(package);
        Assert.Equal(Everything, project.MustBuild().OwnTasks);
        var again = project.MustBuild();
        Assert.Empty(again.OwnTasks);
        Assert.All(Targets, target => Assert.True(again.Skipped(target), target));
        Assert.Contains($"hive -> {project.Image}", again.Output);
    }

    [Theory]
    [InlineData("true", "True")]
    [InlineData("false", "False")]
    public void Native_twins_reach_base_and_layer_and_change_nothing_that_is_made(string value, string seen)
    {
        var project = new HiveProject(package);
        var output = project.MustBuild($"-p:W4bNativeTwins={value}", "-v:n").Output;
        Assert.Contains($"FetchBase, native twins: {seen}", output);
        Assert.Contains($"Apply, native twins: {seen}", output);
        Assert.Empty(project.MustBuild(value == "true" ? "-p:W4bNativeTwins=false" : "-p:W4bNativeTwins=true").OwnTasks);
    }

    [Fact]
    public void Hive_changed_neither_fetches_nor_installs_and_replaces_the_image()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        var before = project.Files().Where(IsImage).ToList();
        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: other\n");
        Assert.Equal(HiveOnly, project.MustBuild().OwnTasks);
        var after = project.Files().Where(IsImage).ToList();
        Assert.Equal(before.Count, after.Count);
        Assert.Empty(before.Intersect(after));
        Assert.Empty(project.MustBuild().OwnTasks);

        static bool IsImage(string file) => Path.GetFileName(file).StartsWith("w4b_", StringComparison.Ordinal);
    }

    [Fact]
    public void Image_without_archive_is_made_anew_after_the_machine_was_started_anew()
    {
        var project = new HiveProject(package);
        project.MustBuild("-t:CustomizeImage");
        Assert.Empty(project.MustBuild("-t:CustomizeImage").OwnTasks);
        project.Write("obj/image.start", "of another start\n");
        Assert.Equal(["ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"], project.MustBuild().OwnTasks);
        // With its archive the image has a result on the disk.
        Assert.False(File.Exists(project.At("obj/image.start")));
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Boot_test_as_a_part_of_the_build_is_done_once_for_each_image()
    {
        var project = new HiveProject(package);
        Assert.Equal([.. Everything[..^1], "BootTest", "CompressImage"], project.MustBuild("-p:W4bBootTest=true").OwnTasks);
        Assert.Empty(project.MustBuild("-p:W4bBootTest=true").OwnTasks);
        Assert.Equal(["BootTest"], project.MustBuild("-t:BootTest").OwnTasks);
        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: other\n");
        Assert.Equal([.. HiveOnly[..^1], "BootTest", "CompressImage"], project.MustBuild("-p:W4bBootTest=true").OwnTasks);
    }

    [Fact]
    public void Raw_image_that_is_not_kept_is_made_anew_only_when_a_stage_needs_it()
    {
        const string dropped = "-p:W4bKeepRawImage=false";
        var project = new HiveProject(package);
        Assert.Equal(Everything, project.MustBuild(dropped).OwnTasks);
        Assert.Empty(RawImages());
        var again = project.MustBuild(dropped);
        Assert.Empty(again.OwnTasks);
        Assert.All(Targets, target => Assert.True(again.Skipped(target), target));
        Assert.Contains($"hive -> {project.Image}", again.Output);
        Assert.Empty(project.MustBuild("-t:ValidateImage", dropped).OwnTasks);

        string[] fromTheImage = ["ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"];
        File.Delete(project.Image);
        Assert.Equal(fromTheImage, project.MustBuild(dropped).OwnTasks);
        Assert.Equal(fromTheImage, project.MustBuild(dropped, "-p:W4bCompressionLevel=3").OwnTasks);
        File.Delete(project.At("obj/validation.json"));
        Assert.Equal(fromTheImage, project.MustBuild(dropped, "-p:W4bCompressionLevel=3").OwnTasks);
        Assert.Empty(project.MustBuild(dropped, "-p:W4bCompressionLevel=3").OwnTasks);
        Assert.Equal(fromTheImage, project.MustBuild().OwnTasks);
        Assert.Single(RawImages());
        Assert.Empty(project.MustBuild(dropped).OwnTasks);
        Assert.Empty(RawImages());

        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: other\n");
        Assert.Equal(HiveOnly, project.MustBuild(dropped).OwnTasks);
        Assert.Empty(RawImages());
        Assert.Empty(project.MustBuild(dropped).OwnTasks);

        string[] RawImages() => Directory.GetFiles(project.At("obj"), "*.img");
    }

    [Fact]
    public void Raw_image_that_is_not_kept_is_made_anew_for_a_boot_test()
    {
        const string dropped = "-p:W4bKeepRawImage=false";
        string[] boot = ["ConfigureHive", "ConfigureWireGuard", "ValidateImage", "BootTest"];
        var project = new HiveProject(package);
        project.MustBuild(dropped);
        Assert.Equal(boot, project.MustBuild("-t:BootTest", dropped).OwnTasks);
        Assert.Equal(["BootTest"], project.MustBuild("-t:BootTest", dropped).OwnTasks);
        project.MustBuild(dropped);
        Assert.Empty(Directory.GetFiles(project.At("obj"), "*.img"));
        File.Delete(project.At("obj/stamp/BootTest.true.stamp"));
        Assert.Equal(["ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "BootTest", "CompressImage"],
            project.MustBuild("-p:W4bBootTest=true", dropped).OwnTasks);
        Assert.Empty(project.MustBuild("-p:W4bBootTest=true", dropped).OwnTasks);
        // Both at once: the build is done, and its image gone, before the test is asked for.
        Assert.Equal("W4B0008", project.Build("-t:Build;BootTest", dropped).Errors[0].Code);
    }

    [Fact]
    public void Software_changed_does_not_fetch()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        project.Write("hive.yaml", "base: b\nsoftware: other\nhive: h\n");
        Assert.Equal(Everything.Where(task => task != "FetchBaseImage"), project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Base_changed_runs_everything()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        project.Write("hive.yaml", "base: other\nsoftware: s\nhive: h\n");
        Assert.Equal(Everything, project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Property_and_environment_changed()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        Assert.Equal(HiveOnly, project.MustBuild("-p:W4bHiveId=hive_x").OwnTasks);
        Assert.Empty(project.MustBuild("-p:W4bHiveId=hive_x").OwnTasks);
        project.Set("W4B_HIVE_ID", "hive_y");
        Assert.Equal(HiveOnly, project.MustBuild().OwnTasks);
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Old_file_added_to_the_items_and_taken_away()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bFile Include="files/*" TargetPath="/etc/%(Filename)" Mode="0600" /></ItemGroup>""");
        project.MustBuild();
        Directory.CreateDirectory(project.At("files"));
        project.Write("files/motd", "hello");
        File.SetLastWriteTimeUtc(project.At("files/motd"), DateTime.UnixEpoch);
        Assert.Equal(HiveOnly, project.MustBuild().OwnTasks);
        Assert.Contains($"file./etc/motd: {project.At("files/motd")} 0600", File.ReadAllText(project.At("obj/image.json")));
        Assert.Empty(project.MustBuild().OwnTasks);
        File.Delete(project.At("files/motd"));
        Assert.Equal(HiveOnly, project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Content_of_a_file_changed()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bFile Include="motd" TargetPath="/etc/motd" /></ItemGroup>""");
        project.Write("motd", "hello");
        project.MustBuild();
        project.Write("motd", "bye");
        Assert.Equal(HiveOnly, project.MustBuild().OwnTasks);
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Script_changed_installs_again_and_only_touched_finds_the_layer()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bScript Include="setup.sh" /></ItemGroup>""");
        project.Write("setup.sh", "true");
        project.MustBuild();
        project.Write("setup.sh", "false");
        Assert.Equal(Everything.Where(task => task != "FetchBaseImage"), project.MustBuild().OwnTasks);
        File.SetLastWriteTimeUtc(project.At("setup.sh"), DateTime.UtcNow);
        Assert.Equal(["ReadImageConfiguration", "MountImage"], project.MustBuild().OwnTasks);
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Package_and_service_items_reach_the_configuration()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bPackage Include="htop;vim" /><W4bService Include="x.service" /></ItemGroup>""");
        project.MustBuild();
        var image = File.ReadAllText(project.At("obj/image.json"));
        Assert.Contains("packages: htop vim\n", image);
        Assert.Contains("services: x.service\n", image);
        Assert.Contains("packages: htop vim\n", File.ReadAllText(project.At("obj/software.json")));
    }

    [Fact]
    public void Cache_deleted_fetches_and_installs_but_the_same_layer_makes_no_new_image()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        project.MustBuild("-t:CleanCache");
        Assert.False(Directory.Exists(project.Cache));
        Assert.Equal(["FetchBaseImage", "MountImage", "ApplyChroot", "WriteLayer"], project.MustBuild().OwnTasks);
        Assert.Empty(project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Older_cache_is_used_and_a_second_project_pays_for_its_difference()
    {
        var first = new HiveProject(package);
        first.MustBuild();
        foreach (var file in Directory.GetFiles(first.Cache, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        var second = new HiveProject(package, yaml: "base: b\nsoftware: s\nhive: second\n");
        second.Set("W4B_CACHE_DIR", first.Cache);
        Assert.Equal(Everything.Except(["ApplyChroot", "WriteLayer"]), second.MustBuild().OwnTasks);
        Assert.Empty(second.MustBuild().OwnTasks);
    }

    [Fact]
    public void Another_cache_folder_is_filled()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        project.Set("W4B_CACHE_DIR", project.Cache + "2");
        project.MustBuild();
        Assert.StartsWith(project.Cache + "2", File.ReadAllText(project.At("obj/layer.path")));
    }

    [Theory]
    [InlineData("bin")]
    [InlineData("obj")]
    public void Deleted_image_is_made_again(string folder)
    {
        var project = new HiveProject(package);
        project.MustBuild();
        var image = Directory.GetFiles(project.At(folder), "*.img*").First(file => file.EndsWith(".img", StringComparison.Ordinal) || file.EndsWith(".img.xz", StringComparison.Ordinal));
        File.Delete(image);
        project.MustBuild();
        Assert.True(File.Exists(image));
    }

    [Fact]
    public void Configuration_that_reads_the_environment_is_read_each_time_and_changes_nothing_by_that()
    {
        var project = new HiveProject(package, yaml: "base: b\nsoftware: s\nhive: h\nreads: environment\n");
        project.MustBuild();
        Assert.Equal(["ReadImageConfiguration"], project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Compression_level_changed_only_compresses()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        Assert.Equal(["BeginCompression", "CompressImage"], project.MustBuild("-p:W4bCompressionLevel=1").OwnTasks);
        Assert.Equal("W4B1004", Assert.Single(project.Build("-p:W4bCompressionLevel=10").Errors).Code);
    }

    [Fact]
    public void Clean_deletes_all_but_sources_and_cache()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        project.Write("bin/mine.txt", "not the build's");
        Assert.Equal(0, project.Dotnet("clean").ExitCode);
        Assert.Equal(["bin/mine.txt", "hive.w4bproj", "hive.yaml"], project.Files().Where(file => !file.EndsWith("FileListAbsolute.txt", StringComparison.Ordinal)));
        Assert.Equal(Everything.Except(["ApplyChroot", "WriteLayer"]), project.MustBuild().OwnTasks);
    }

    [Fact]
    public void Rebuild_runs_everything_but_what_the_cache_has()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        Assert.Equal(Everything.Except(["ApplyChroot", "WriteLayer"]), project.MustBuild("-t:Rebuild").OwnTasks);
    }

    [Fact]
    public void CleanCache_refuses_a_folder_that_was_not_empty()
    {
        var project = new HiveProject(package);
        Directory.CreateDirectory(project.Cache);
        File.WriteAllText(Path.Combine(project.Cache, "photo"), "precious");
        project.MustBuild();
        Assert.Equal("W4B0008", Assert.Single(project.Build("-t:CleanCache").Errors).Code);
        Assert.True(File.Exists(Path.Combine(project.Cache, "photo")));
    }
}

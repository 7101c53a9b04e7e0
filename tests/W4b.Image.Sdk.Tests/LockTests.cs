using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>The package lock, as the targets see it.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class LockTests(SdkPackage package)
{
    [Fact]
    public void Lock_stands_beside_the_project_and_counts_in_ci_once_it_is_there()
    {
        var project = new HiveProject(package);
        project.MustBuild();
        Assert.Contains($"File = {project.At("hive.lock.json")}, Locked = False, Update = False, Alone = True", InstallLog(project), StringComparison.Ordinal);

        project.Set("CI", "true");
        Assert.True(project.MustBuild().Skipped("InstallSoftware"));
        project.Write("hive.lock.json", "a lock");
        project.MustBuild();
        Assert.Contains("Locked = True", InstallLog(project), StringComparison.Ordinal);
        project.MustBuild("-p:W4bLockedMode=false");
        Assert.Contains("Locked = False", InstallLog(project), StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_can_have_another_name()
    {
        var project = new HiveProject(package);
        project.Write("locks/all.json", "an old lock");
        project.MustBuild("-t:UpdateLock", "-p:W4bLockFile=locks/all.json");
        Assert.Equal("updated\n", File.ReadAllText(project.At("locks/all.json")));
        project.MustBuild("-p:W4bLockFile=locks/all.json");
        Assert.Contains($"File = {project.At("locks/all.json")}, Locked = False", InstallLog(project), StringComparison.Ordinal);
        Assert.False(File.Exists(project.At("hive.lock.json")));
    }

    [Fact]
    public void UpdateLock_replaces_the_lock()
    {
        var project = new HiveProject(package);
        project.Write("hive.lock.json", "an old lock");
        project.MustBuild("-t:UpdateLock");
        Assert.Equal("updated\n", File.ReadAllText(project.At("hive.lock.json")));
        Assert.False(File.Exists(project.At("obj/new.lock.json")));
    }

    [Fact]
    public void UpdateLock_of_a_fleet_is_that_of_all_its_hives_in_one_file()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bHive Include="hives/*.yaml" /></ItemGroup>""", yaml: null);
        project.Write("hives/a.yaml", "base: b\nsoftware: s\nhive: a\n");
        project.Write("hives/c.yaml", "base: b\nsoftware: t\nhive: c\n");
        project.MustBuild("-t:UpdateLock", "-m:1");
        Assert.Equal("updated\nupdated\n", File.ReadAllText(project.At("hive.lock.json")));
        Assert.Contains("Update = True, Alone = False", File.ReadAllText(project.At("obj/a/log/InstallSoftware.log")), StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_update_leaves_the_lock_as_it_was()
    {
        var project = new HiveProject(package, yaml: "base: b\nsoftware: s\nhive: h\nfail: Apply\n");
        project.Write("hive.lock.json", "an old lock");
        Assert.NotEqual(0, project.Build("-t:UpdateLock").ExitCode);
        Assert.Equal("an old lock", File.ReadAllText(project.At("hive.lock.json")));
    }

    [Fact]
    public void Outdated_asks_by_the_lock()
    {
        var project = new HiveProject(package);
        Assert.Equal(["ReadImageConfiguration", "FetchBaseImage", "Outdated"], project.MustBuild("-t:Outdated").OwnTasks);
        Assert.Equal(project.At("hive.lock.json") + "\n", File.ReadAllText(project.At("obj/outdated.md")));
    }

    private static string InstallLog(HiveProject project) => File.ReadAllText(project.At("obj/log/InstallSoftware.log"));
}

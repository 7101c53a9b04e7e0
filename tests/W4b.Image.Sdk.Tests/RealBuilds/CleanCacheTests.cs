using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>The cache of a user whose build was killed.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class CleanCacheTests(SdkPackage package)
{
    [Fact]
    public void CleanCache_removes_what_a_killed_build_left_under_subordinate_ids()
    {
        var project = new HiveProject(package, fake: false, user: Builder.Other.User) { Wrapper = Builder.Other.Wrapper };
        var tree = Path.Combine(project.Cache, "work", "layer-killed", "root");
        // As the build's tree: an ordinary user cannot delete what belongs to one of his subordinate ids.
        var left = new Command("/") { User = Builder.Other.User, Wrapper = ["unshare", "--user", "--map-root-user", "--map-auto"] }
            .Run("sh", "-c", $"mkdir -p {tree}/etc && echo x > {tree}/etc/file && chown -R 5:5 {tree} && chmod 700 {tree} && echo tag > {project.Cache}/CACHEDIR.TAG");
        Assert.True(left.ExitCode == 0, left.Output);
        project.MustBuild("-t:CleanCache");
        Assert.False(Directory.Exists(project.Cache));
    }

    [Fact]
    public void CleanCache_refuses_while_a_build_works()
    {
        var project = new HiveProject(package, fake: false);
        Directory.CreateDirectory(Path.Combine(project.Cache, "locks"));
        File.WriteAllText(Path.Combine(project.Cache, "CACHEDIR.TAG"), "tag");
        var held = Path.Combine(project.Cache, "locks/layer-busy.lock");
        var result = new Command(project.Folder) { Environment = project.Command.Environment, Wrapper = ["flock", held] }
            .Run("dotnet", "build", "hive.w4bproj", "-t:CleanCache", "-tl:off");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("W4B0008", result.Output);
        Assert.Contains("layer-busy", result.Output);
        Assert.True(File.Exists(held));
    }
}

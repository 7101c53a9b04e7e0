using System.Diagnostics;
using System.Text.Json;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>
/// A hive's project in a folder outside the repository, that uses the packed SDK: no Directory.Build.props, no nuget.config and no
/// packages folder of anybody else. Its cache is its own.
/// </summary>
internal sealed class HiveProject
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly string? _user;
    private int _builds;

    /// <summary>Creates the project <c>hive.w4bproj</c>.</summary>
    /// <param name="package">The SDK.</param>
    /// <param name="body">The content of the Project element.</param>
    /// <param name="yaml">The content of <c>hive.yaml</c>; null for no file.</param>
    /// <param name="fake">Over the fake domain, whose YAML is described in FakeConfiguration.</param>
    /// <param name="user">The user who builds, with a home of its own; null for the tests' own. Needs root.</param>
    public HiveProject(SdkPackage package, string body = "", string? yaml = "base: b\nsoftware: s\nhive: h\n", bool fake = true, string? user = null)
    {
        _user = user;
        Root = Directory.CreateDirectory(Path.Combine(package.Folder, Guid.NewGuid().ToString("N")[..8])).FullName;
        Folder = Directory.CreateDirectory(Path.Combine(Root, "hive")).FullName;
        Cache = Path.Combine(Root, "cache");
        Write("../nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{(user is null ? package.Folder : Root)}/packages" /></config>
              <packageSources><clear /><add key="feed" value="{package.Feed}" /></packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
        Write("../Directory.Build.props", !fake ? "<Project />" : $"""
            <Project><PropertyGroup><W4bTasksAssembly>{package.FakeTasks}</W4bTasksAssembly></PropertyGroup></Project>
            """);
        Write("hive.w4bproj", $"""
            <Project Sdk="W4b.Image.Sdk/{package.Version}">
            {body}
            </Project>
            """);
        if (yaml is not null)
            Write("hive.yaml", yaml);
        Set("W4B_CACHE_DIR", Cache);
        // NuGet's own is in /tmp and named after the user; root of a user namespace is not the one who owns root's.
        Set("NUGET_SCRATCH", Path.Combine(Root, "nuget"));
        if (user is not null)
            UseHomeOf(user);
    }

    /// <summary>The folder over everything.</summary>
    public string Root { get; }

    /// <summary>The project's folder.</summary>
    public string Folder { get; }

    /// <summary>The cache: W4B_CACHE_DIR.</summary>
    public string Cache { get; }

    /// <summary>Called with the running build and each line of its output.</summary>
    public Action<Process, string>? OnLine { get; set; }

    /// <summary>What goes before `dotnet` on the command line.</summary>
    public IReadOnlyList<string> Wrapper { get; set; } = [];

    /// <summary>The only .img.xz in bin/.</summary>
    public string Image => Assert.Single(Directory.GetFiles(Path.Combine(Folder, "bin"), "*.img.xz"));

    /// <summary>Sets a variable for the next builds; null removes it.</summary>
    public void Set(string variable, string? value)
    {
        if (value is null)
            _environment.Remove(variable);
        else
            _environment[variable] = value;
    }

    /// <summary>The path of a file of the project.</summary>
    public string At(string file) => Path.GetFullPath(Path.Combine(Folder, file));

    /// <summary>Writes a file of the project.</summary>
    public void Write(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
        File.WriteAllText(At(file), content);
    }

    /// <summary>All files under the project, relative to it, in order.</summary>
    public string[] Files()
        => [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    /// <summary>`dotnet build` with a binary log.</summary>
    public BuildResult Build(params string[] arguments) => Dotnet(["build", "hive.w4bproj", .. arguments]);

    /// <summary>`dotnet build` that must succeed.</summary>
    public BuildResult MustBuild(params string[] arguments)
    {
        var result = Build(arguments);
        Assert.True(result.ExitCode == 0, result.Output);
        return result;
    }

    /// <summary>Any verb of dotnet, with a binary log outside the project.</summary>
    public BuildResult Dotnet(params string[] arguments)
    {
        var log = Path.Combine(Root, $"{++_builds}.binlog");
        var result = Command.Run("dotnet", [.. arguments, $"-bl:{log}"]);
        return new BuildResult(result.ExitCode, result.Output, log);
    }

    /// <summary>The values of properties, as MSBuild evaluates them.</summary>
    public IReadOnlyDictionary<string, string> Properties(string[] names, params string[] arguments)
    {
        // A second name even for one: with a single one MSBuild prints no JSON.
        var result = Command.Run("dotnet", ["msbuild", "hive.w4bproj", $"-getProperty:{string.Join(',', names)},MSBuildProjectName", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Output);
        using var json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
    }

    /// <summary>What a target returns: the full paths of its items. The target is built.</summary>
    public IReadOnlyList<string> TargetResult(string target)
    {
        var result = Command.Run("dotnet", "msbuild", "hive.w4bproj", $"-getTargetResult:{target}");
        Assert.True(result.ExitCode == 0, result.Output);
        using var json = JsonDocument.Parse(result.Output);
        return [.. json.RootElement.GetProperty("TargetResults").GetProperty(target).GetProperty("Items").EnumerateArray().Select(i => i.GetProperty("FullPath").GetString()!)];
    }

    /// <summary>Runs another program in the project's folder.</summary>
    public Command Command => new(Folder) { Environment = _environment, User = _user, Wrapper = Wrapper, OnLine = OnLine };

    private void UseHomeOf(string user)
    {
        var home = Directory.CreateDirectory(Path.Combine(Root, "home")).FullName;
        Set("HOME", home);
        Set("DOTNET_CLI_HOME", home);
        Assert.Equal(0, new Command(Root).Run("chown", "-R", $"{user}:", Root).ExitCode);
    }
}

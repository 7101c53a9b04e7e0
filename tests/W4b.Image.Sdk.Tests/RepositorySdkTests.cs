using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

public sealed partial class RepositorySdkTests
{
    [Fact]
    public void Every_task_is_declared()
        => Assert.Equal(
            typeof(Image.Tasks.W4bTask).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Image.Tasks.W4bTask)) && !type.IsAbstract)
                .Select(type => type.FullName!).Order(StringComparer.Ordinal),
            DeclaredTasks().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("hive_0Bpfj4cT")]
    [InlineData("hive_raspios")]
    public void Samples_find_the_sdk_without_packing(string sample)
    {
        var result = new Command(Repository.Root).Run("dotnet", "msbuild", $"samples/{sample}/{sample}.w4bproj", "-getProperty:W4bTasksAssembly");
        // Compiled ahead where a compiler is there for the host.
        var ahead = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "linux-x64/" : "";
        Assert.Equal(Path.Combine(Repository.Root, $"src/W4b.Image.Tasks/bin/Release/net10.0/{ahead}W4b.Image.Tasks.dll"), result.Output.Trim());
    }

    private static IEnumerable<string> DeclaredTasks()
        => TaskName().Matches(File.ReadAllText(Path.Combine(Repository.Root, "sdk/targets/Tasks.targets"))).Select(match => match.Groups[1].Value);

    [GeneratedRegex("TaskName=\"([^\"]+)\"")]
    private static partial Regex TaskName();
}

using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>How a build fails, and what the next one does.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class FailureTests(SdkPackage package)
{
    [Theory]
    [InlineData("Windows_NT")]
    [InlineData("macOS")]
    public void Other_hosts_are_refused_before_anything_runs(string host)
    {
        var project = new HiveProject(package, yaml: null);
        var result = project.Build($"-p:W4bHostOS={host}");
        var error = Assert.Single(result.Errors);
        Assert.Equal(("W4B0001", project.At("hive.w4bproj")), (error.Code, error.File));
        Assert.Contains(host, error.Text);
        Assert.EndsWith(DiagnosticCode.UnsupportedHost.Remedy, error.Text);
        Assert.Empty(result.OwnTasks);
    }

    [Fact]
    public void Missing_configuration_is_an_error_of_the_project_and_the_next_build_succeeds()
    {
        var project = new HiveProject(package, yaml: null);
        var error = Assert.Single(project.Build().Errors);
        Assert.Equal(("W4B1001", project.At("hive.w4bproj")), (error.Code, error.File));
        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: h\n");
        project.MustBuild();
        File.Delete(project.At("hive.yaml"));
        Assert.Equal("W4B1001", Assert.Single(project.Build().Errors).Code);
    }

    [Theory]
    [InlineData("ReadConfiguration", "ReadImageConfiguration")]
    [InlineData("FetchBase", "FetchBaseImage")]
    [InlineData("Mount", "InstallSoftware")]
    [InlineData("Apply", "InstallSoftware")]
    [InlineData("Write", "InstallSoftware")]
    [InlineData("ConfigureHive", "CustomizeImage")]
    [InlineData("ConfigureWireGuard", "CustomizeImage")]
    [InlineData("Validate", "ValidateImage")]
    [InlineData("Compress", "CompressImage")]
    public void Failed_step_names_place_and_log_runs_again_and_is_not_taken_for_finished(string step, string target)
    {
        var project = new HiveProject(package, yaml: $"base: b\nsoftware: s\nhive: h\nfail: {step}\n");
        foreach (var result in new[] { project.Build(), project.Build() })
        {
            Assert.NotEqual(0, result.ExitCode);
            var error = Assert.Single(result.Errors);
            Assert.Equal(("W4B0007", 3, 7), (error.Code, error.Line, error.Column));
            var log = project.At($"obj/log/{target}.log");
            Assert.EndsWith($"The log: {log}", error.Text);
            Assert.Contains("error W4B0007", File.ReadAllText(log));
            Assert.True(result.Ran(target));
            // An archive that was begun beside the checks is gone with the build.
            Assert.Empty(Directory.GetFiles(project.At("obj"), "*.begun"));
        }

        Assert.Empty(Directory.Exists(project.Cache) ? Directory.GetFiles(project.Cache, "*.open", SearchOption.AllDirectories) : []);
        Assert.False(Directory.Exists(project.At("bin")) && Directory.EnumerateFiles(project.At("bin")).Any());

        project.Write("hive.yaml", "base: b\nsoftware: s\nhive: h\n");
        project.MustBuild();
        Assert.True(File.Exists(project.Image));
        Assert.Empty(Directory.GetFiles(project.At("obj"), "*.partial"));
    }

    [Theory]
    [InlineData("Build")]
    [InlineData("Clean")]
    public void What_a_killed_build_left_of_an_archive_goes_with_the_next(string target)
    {
        var project = new HiveProject(package);
        foreach (var left in new[] { "obj/w4b_old.img.xz", "obj/w4b_old.img.xz.partial" })
            project.Write(left, "half an archive, with keys in it");
        project.MustBuild($"-t:{target}");
        Assert.Empty(Directory.GetFiles(project.At("obj"), "w4b_old*"));
    }

    [Fact]
    public void File_without_a_target_path_is_an_error_of_the_project()
    {
        var project = new HiveProject(package, """<ItemGroup><W4bFile Include="hive.yaml" /></ItemGroup>""");
        var error = Assert.Single(project.Build().Errors);
        Assert.Equal(("W4B1005", project.At("hive.w4bproj")), (error.Code, error.File));
    }

    [Fact]
    public void Warnings_obey_the_usual_switches()
    {
        var project = new HiveProject(package, yaml: "base: b\nwarn: strange\nhive: h\n");
        var warning = Assert.Single(project.MustBuild().Warnings);
        Assert.Equal(("W4B1003", project.At("hive.yaml"), 2, 1), (warning.Code, warning.File, warning.Line, warning.Column));
        Assert.Empty(project.MustBuild("-t:Rebuild", "-p:NoWarn=W4B1003").Warnings);
        foreach (var strict in new[] { "-p:WarningsAsErrors=W4B1003", "-p:TreatWarningsAsErrors=true", "-warnAsError:W4B1003" })
        {
            var result = project.Build("-t:Rebuild", strict);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Equal("W4B1003", Assert.Single(result.Errors).Code);
        }
    }

    [Fact]
    public void Secrets_are_in_no_output_log_or_binary_log()
    {
        const string Secret = "c0rrectHorseBattery";
        var project = new HiveProject(package, yaml: $"base: b\nsoftware: s\nhive: h\nsecret: {Secret}\nfail: Validate\n");
        var result = project.Build("-v:diag");
        Assert.Contains("***", result.Output);
        Assert.DoesNotContain(Secret, result.Output);
        Assert.All(Directory.GetFiles(project.At("obj/log")), log => Assert.DoesNotContain(Secret, File.ReadAllText(log)));
        using var binaryLog = new MemoryStream();
        using (var compressed = new GZipStream(File.OpenRead(result.BinaryLogFile), CompressionMode.Decompress))
            compressed.CopyTo(binaryLog);
        Assert.Equal(-1, binaryLog.GetBuffer().AsSpan(0, (int)binaryLog.Length).IndexOf(Encoding.UTF8.GetBytes(Secret)));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Cancelled_build_closes_its_sandbox_and_makes_no_image(string signal)
    {
        var project = new HiveProject(package, yaml: "base: b\nsoftware: slow\nhive: h\n");
        project.OnLine = (dotnet, line) =>
        {
            if (line.Contains("Apply with", StringComparison.Ordinal))
                Process.Start("kill", [$"-{signal}", $"{dotnet.Id}"]).WaitForExit();
        };
        Assert.NotEqual(0, project.Build("-v:n").ExitCode);
        Assert.Empty(Directory.GetFiles(project.Cache, "*.open", SearchOption.AllDirectories));
        Assert.DoesNotContain(project.Files(), file => file.Contains(".img", StringComparison.Ordinal));
        var log = File.ReadAllText(project.At("obj/log/InstallSoftware.log"));
        Assert.EndsWith("cancelled", log.TrimEnd());
        // The engine may have no time to show it.
        Assert.Equal(signal == "TERM", log.Contains("error W4B0010", StringComparison.Ordinal));
    }
}

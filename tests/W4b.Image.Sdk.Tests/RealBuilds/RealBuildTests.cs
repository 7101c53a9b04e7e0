using System.IO.Compression;
using System.Text;
using System.Text.Json;
using W4b.Image.Layers.Cache;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>Whole builds of the sample: real packages, real emulation.</summary>
[Collection(ImageTests.Name)]
[Trait("Category", "Image")]
public sealed class RealBuildTests(SdkPackage package)
{
    private readonly RealImages images = RealImages.Of(package);

    [Fact]
    public void Both_kinds_of_user_build_the_image()
    {
        Assert.True(images.OwnBuild.ExitCode == 0, images.OwnBuild.Output);
        Assert.True(images.OtherBuild.ExitCode == 0, images.OtherBuild.Output);
        Assert.Matches(@"^w4b_pi3_hive_0Bpfj4cT_\d{8}_\d{6}\.img\.xz$", Path.GetFileName(images.Own.Image));
        Assert.Contains($"hive -> {images.Own.Image}", images.OwnBuild.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_builds_gave_the_same_to_the_byte()
    {
        // When they do not, the report names the files.
        var comparison = images.Own.Dotnet("msbuild", "hive.w4bproj", "-t:CompareImages", $"-p:W4bImageFile={RealImages.RawImage(images.Own)}", $"-p:W4bOtherImageFile={images.Other.Image}");
        Assert.True(comparison.ExitCode == 0, comparison.Output);
        var report = File.ReadAllText(images.Own.At("obj/comparison.md"));
        Assert.True(report.Contains("The images are the same to the byte.", StringComparison.Ordinal), string.Join('\n', report.Split('\n').Take(60)));
        Assert.True(TreeListing.Of(RealImages.RawImage(images.Own)).Count > 10_000);
        foreach (var suffix in new[] { ".img.xz", ".img.xz.sha256", ".bmap", ".json", ".provenance.json", ".spdx.json", ".cdx.json" })
        {
            var (own, other) = (images.Own.Image.Replace(".img.xz", suffix, StringComparison.Ordinal), images.Other.Image.Replace(".img.xz", suffix, StringComparison.Ordinal));
            Assert.Equal(Path.GetFileName(own), Path.GetFileName(other));
            var same = new Command("/").Run("cmp", own, other);
            Assert.True(same.ExitCode == 0, same.Output + (suffix.EndsWith("json", StringComparison.Ordinal) ? new Command("/").Run("diff", own, other).Output : ""));
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Assert.Equal(images.MountsBefore, RealImages.Mounts());
        Assert.Equal(images.LoopDevicesBefore, RealImages.LoopDevices());
        // Other tests build beside these, in the cache of the tests' own user.
        Assert.Empty(new CacheFolder(Builder.Own.Cache).AbandonedWork().Except(images.AbandonedBefore));
        Assert.Empty(Directory.GetDirectories(Path.Combine(Builder.Other.Cache, "work")));
        Assert.Empty(RealImages.Unfinished(Builder.Other.Cache).Except(images.UnfinishedBefore));

        // Each process of a sandbox descends from a helper whose command line names the cache or the package's folder.
        string[] ours = [Builder.Other.Cache, package.Folder];
        var running = Directory.GetDirectories("/proc").Select(p => ReadIfThere(Path.Combine(p, "cmdline")));
        Assert.DoesNotContain(running, line => line.Contains("w4b-sandbox", StringComparison.Ordinal) && ours.Any(o => line.Contains(o, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_archive_is_what_its_companions_say()
    {
        var folder = images.Own.At("bin");
        var check = new Command(folder).Run("sha256sum", "-c", Path.GetFileName(images.Own.Image) + ".sha256");
        Assert.True(check.ExitCode == 0, check.Output);
        var test = new Command(folder).Run("xz", "-t", images.Own.Image);
        Assert.True(test.ExitCode == 0, test.Output);

        using var timings = JsonDocument.Parse(File.ReadAllText(images.Own.Image.Replace(".img.xz", ".timings.json", StringComparison.Ordinal)));
        var stages = timings.RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("stage").GetString()).ToList();
        Assert.Equal("CompressImage", stages[^1]);
        Assert.Superset(new HashSet<string?> { "ReadImageConfiguration", "ConfigureHive", "ConfigureWireGuard", "ValidateImage" }, stages.ToHashSet());

        using var manifest = JsonDocument.Parse(File.ReadAllText(images.Own.Image.Replace(".img.xz", ".json", StringComparison.Ordinal)));
        Assert.Equal("hive_0Bpfj4cT", manifest.RootElement.GetProperty("hiveId").GetString());
        var raw = new Command(folder).Run("sh", "-c", $"xz -dc {images.Own.Image} | sha256sum").Output.Split(' ')[0];
        Assert.Equal(raw, manifest.RootElement.GetProperty("image").GetProperty("sha256").GetString());
        var packages = manifest.RootElement.GetProperty("packages").EnumerateArray().Select(p => p.GetProperty("name").GetString()).ToList();
        Assert.Contains("wireguard-tools", packages);
        Assert.Contains("linux-image-arm64", packages);
        Assert.Contains("Setting up wireguard-tools", File.ReadAllText(images.Own.Image.Replace(".img.xz", ".log", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_archive_is_verified_against_its_project()
    {
        foreach (var quick in new[] { "false", "true" })
        {
            var verified = images.Own.MustBuild("-t:VerifyImage", $"-p:W4bVerifyQuick={quick}");
            Assert.Contains("rules kept, 0 broken", verified.Output, StringComparison.Ordinal);
            Assert.Equal(["VerifyImage"], verified.OwnTasks);
        }

        var other = SampleHive.Create(package, Builder.Own, edit: yaml => yaml.Replace("hive_0Bpfj4cT", "hive_another", StringComparison.Ordinal));
        var result = other.Build("-t:VerifyImage", $"-p:W4bImageFile={images.Own.Image}", "-p:W4bVerifyQuick=true");
        Assert.Equal(["W4BR010", "W4B5012"], result.Errors.Select(e => e.Code));
        Assert.Contains("that of the hive hive_0Bpfj4cT; the project's is hive_another", result.Errors[0].Text, StringComparison.Ordinal);

        var damaged = other.At("damaged.img.xz");
        File.Copy(images.Own.Image, damaged);
        using (var file = File.Open(damaged, FileMode.Open))
        {
            file.Position = file.Length / 2;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        result = other.Build("-t:VerifyImage", "-p:W4bImageFile=damaged.img.xz", "-p:W4bVerifyProject=false");
        Assert.Equal(["W4BV001", "W4B5012"], result.Errors.Select(e => e.Code));
        Assert.Matches(@"Block \d+ of \d+ is damaged: bytes \d+ to \d+ of the archive", result.Errors[0].Text);
    }

    [Fact]
    public void The_secret_is_in_the_image_alone()
    {
        var key = Encoding.ASCII.GetBytes(SampleHive.PrivateKey);
        foreach (var file in Directory.GetFiles(images.Own.Root, "*", SearchOption.AllDirectories)
                     .Where(f => !f.EndsWith(".img", StringComparison.Ordinal) && !f.EndsWith("wireguard.key", StringComparison.Ordinal)))
            Assert.False(Read(file).IndexOf(key) >= 0, $"{file} holds the private key.");
        foreach (var image in new[] { RealImages.RawImage(images.Own), images.Own.Image })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(image));
    }

    [Fact]
    public void A_build_that_changes_nothing_runs_no_task_of_ours()
    {
        var again = images.Own.MustBuild();
        Assert.Empty(again.OwnTasks);
    }

    [Fact]
    public void Another_setting_of_the_hive_needs_neither_chroot_nor_download()
    {
        var project = SampleHive.Create(package, Builder.Own);
        project.MustBuild("-p:W4bCompressionLevel=0");
        var before = TreeListing.Of(RealImages.RawImage(project));
        project.Write("hive.yaml", File.ReadAllText(project.At("hive.yaml")).Replace("Europe/Berlin", "Europe/Paris", StringComparison.Ordinal));
        var result = project.MustBuild("-p:W4bCompressionLevel=0");
        Assert.True(result.Skipped("FetchBaseImage"));
        Assert.True(result.Skipped("InstallSoftware"));
        Assert.Equal(["ReadImageConfiguration", "ConfigureHive", "ConfigureWireGuard", "BeginCompression", "ValidateImage", "CompressImage"], result.OwnTasks);

        var after = TreeListing.Of(RealImages.RawImage(project));
        Assert.Equal(["/etc/localtime", "/etc/timezone", "/etc/w4b-release", "/etc/w4b/env"], before.Keys.Union(after.Keys)
            .Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path)).Order(StringComparer.Ordinal));
    }

    private static string ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // the process has ended meanwhile
        }
    }

    private static ReadOnlySpan<byte> Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        if (!file.EndsWith(".binlog", StringComparison.Ordinal))
            return bytes;
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var text = new MemoryStream();
        stream.CopyTo(text);
        return text.ToArray();
    }
}

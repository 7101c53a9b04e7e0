using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Debian;
using W4b.Image.Layers.Locking;
using W4b.Image.Sandbox;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Steps;

public sealed class PlanTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_an_empty_cache_everything_runs()
    {
        Configure("hive_id: hive_a\nsoftware: {packages: [nano]}\n");
        var plan = await PlanAsync();
        Assert.Contains("FetchBaseImage   runs    a Debian trixie base for arm64 is made of packages", plan, StringComparison.Ordinal);
        Assert.Contains("InstallSoftware  runs    the base image comes first", plan, StringComparison.Ordinal);
        Assert.Contains("CompressImage    runs    ", plan, StringComparison.Ordinal);
        Assert.Matches(@"Disk: up to \d+\.\d GiB in .*cache \(\d+\.\d GiB free\)", plan);
        Assert.Contains("without FetchBaseImage, InstallSoftware, ", plan, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["cache"], "*.img", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_is_in_the_cache_is_told_and_what_changed_too()
    {
        Configure("hive_id: hive_a\nsoftware: {packages: [nano]}\n");
        var cache = new CacheFolder(_folder["cache"]);
        var sha256 = new string('a', 64);
        var recipe = new DebianBase(ImageJson.Read<BaseImageConfiguration>(_folder["obj/base.json"]).Debian!, Architecture.Arm64);
        File.WriteAllText(Path.Combine(cache.Base, $"debian-{recipe.Id}"), sha256);
        File.WriteAllText(Path.Combine(cache.Base, sha256 + ".img"), "base");
        var steps = LayerSteps.Of(sha256, ImageJson.Read<SoftwareInputs>(_folder["obj/software.json"]));
        var layer = Directory.CreateDirectory(Path.Combine(cache.Layers, steps.LayerId)).FullName;
        File.WriteAllText(Path.Combine(layer, SoftwareLayer.ImageName), "layer");
        SoftwareLayer.WriteInfo(layer, new LayerInfo(steps.LayerId, sha256, []));
        MakingTimes.Note(cache, SoftwareLayerSession.Kind, 600);

        var plan = await PlanAsync();
        Assert.Contains($"FetchBaseImage   cached  there: {Path.Combine(cache.Base, sha256 + ".img")}", plan, StringComparison.Ordinal);
        Assert.Contains($"InstallSoftware  cached  there: {layer}", plan, StringComparison.Ordinal);
        Assert.Contains("CustomizeImage   runs    for the first time in this folder", plan, StringComparison.Ordinal);
        Assert.Contains("Download: nothing.", plan, StringComparison.Ordinal);

        new StageRecord(_folder["obj"], "CustomizeImage", [.. ConfigureHiveStep.Inputs(_folder["obj/image.json"], SoftwareLayer.ReadInfo(Path.Combine(layer, SoftwareLayer.ImageName)))]).Complete();
        _folder.Write("obj/image.name", "w4b_a\n");
        Directory.CreateDirectory(_folder["bin"]);
        var archive = _folder.Write("bin/w4b_a.img.xz", "archive");
        Assert.Contains("CustomizeImage   runs    its image is gone", await PlanAsync(), StringComparison.Ordinal);
        Assert.Contains($"CustomizeImage   cached  there: {archive}", await PlanAsync(keepsRawImage: false), StringComparison.Ordinal);
        File.Delete(archive);
        Assert.Contains("CustomizeImage   runs    its image is gone", await PlanAsync(keepsRawImage: false), StringComparison.Ordinal);

        new StageRecord(_folder["obj"], "InstallSoftware", [.. steps.Inputs, new("image size", "0")]).Complete();
        Configure("hive_id: hive_a\nsoftware: {packages: [nano, htop]}\n");
        plan = await PlanAsync();
        Assert.Contains("InstallSoftware  runs    packages: +htop; from the base image", plan, StringComparison.Ordinal);
        Assert.Contains("Time: about 10 min by the last runs on this machine", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_is_an_error_before_anything_is_done()
    {
        var image = _folder["huge.img"];
        using (var file = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, 8L << 40);
        Configure($"hive_id: hive_a\nbase_image: {{url: 'file://{image}', checksum: 'sha256:{new string('b', 64)}'}}\n");
        var error = await Assert.ThrowsAsync<W4bException>(() => PlanAsync());
        Assert.Equal(DiagnosticCode.NoSpace, error.Diagnostics[0].Code);
        Assert.Contains(_folder["cache"], error.Message, StringComparison.Ordinal);
    }

    private void Configure(string yaml)
        => ReadConfigurationStep.Run(new ConfigurationRequest(_folder.Write("hive.yaml", yaml), _folder["hive.w4bproj"], [], [], [], [], [], _folder["obj"]), _log);

    private Task<string> PlanAsync(bool keepsRawImage = true) => PlanStep.RunAsync(_folder["obj"], _folder["bin"], _folder["cache"], keepsRawImage, LockOptions.None, _log, default);
}

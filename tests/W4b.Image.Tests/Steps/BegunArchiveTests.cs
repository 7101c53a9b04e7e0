using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Steps;

/// <summary>An archive that was begun before it was wanted is the same, or is gone.</summary>
public sealed class BegunArchiveTests : IDisposable
{
    private const int Level = 0;
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose()
    {
        CacheUses.ReleaseAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Taken_it_is_the_one_made_without_and_its_log_arrives()
    {
        await LayerAndHiveAsync();
        using var begun = CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 2)!;
        var taken = (await begun.TakeAsync(_folder["hive.img"], Level, _log, CancellationToken.None))!;
        begun.Dispose();

        var made = await ImageArchive.MakeAsync(_folder["hive.img"], _folder["made.xz"], LayerImage, CompressionChoice.ForThisMachine(Level), AllCores.Instance, new ListLog(), CancellationToken.None);
        Assert.Equal(made.Result.ArchiveSha256, taken.Result.ArchiveSha256);
        Assert.Equal(made.Result.RawSha256, taken.Result.RawSha256);
        Assert.Equal(made.Map.Ranges, taken.Map.Ranges);
        Assert.Equal(made.Contents.Packages, taken.Contents.Packages);
        Assert.Equal(File.ReadAllBytes(_folder["made.xz"]), File.ReadAllBytes(_folder["hive.img.xz"]));
        Assert.Single(_log.Lines, l => l.StartsWith("Compressing with", StringComparison.Ordinal));
        Assert.Single(_log.Lines, l => l.Contains("blocks are this hive's own", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_an_image_that_was_changed_since_it_is_not_taken()
    {
        await LayerAndHiveAsync();
        using var begun = CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 2)!;
        // Longer too: a clock may not tell two moments apart.
        using (var hive = new FileStream(_folder["hive.img"], FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            hive.WriteByte(1);
        Assert.Null(await begun.TakeAsync(_folder["hive.img"], Level, _log, CancellationToken.None));
        Assert.False(File.Exists(_folder["hive.img.xz"]));
        Assert.Contains(_log.Lines, l => l.Contains("changed since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_another_level_it_is_not_taken()
    {
        await LayerAndHiveAsync();
        using var begun = CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 2)!;
        Assert.Null(await begun.TakeAsync(_folder["hive.img"], Level + 1, _log, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Not_taken_nothing_is_left_of_it(bool complete)
    {
        await LayerAndHiveAsync();
        using (var begun = CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 2)!)
            while (complete && !File.Exists(_folder["hive.img.xz"]))
                await Task.Delay(10);
        Assert.DoesNotContain(_folder.Files, file => file.StartsWith("hive.img.xz", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_is_that_of_who_takes_it()
    {
        await LayerAndHiveAsync();
        // Where the archive is to appear stands something else.
        Directory.CreateDirectory(_folder["hive.img.xz.partial/full"]);
        using var begun = CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 2)!;
        await Assert.ThrowsAsync<W4bException>(() => begun.TakeAsync(_folder["hive.img"], Level, _log, CancellationToken.None));
    }

    [Fact]
    public async Task It_is_not_begun_without_an_idle_processor_or_before_the_layers_archive_is_there()
    {
        await LayerAndHiveAsync();
        Assert.Null(CompressStep.Begin(_folder["hive.img"], _folder.Path, Level, cores: 1));
        Assert.Null(CompressStep.Begin(_folder["hive.img"], _folder.Path, Level + 1, cores: 2));
    }

    private string LayerImage => Path.Combine(_folder["cache"], "layers", "id", "layer.img");

    // A layer in a cache, with its archive, and a hive's image that differs from it.
    private async Task LayerAndHiveAsync()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LayerImage)!);
        await TinyCard.CreateAsync(LayerImage, _log);
        CacheSeal.Write(Path.GetDirectoryName(LayerImage)!);
        _folder.Write("layer.path", LayerImage);
        using (await LayerArchive.OpenAsync(LayerImage, new XzOptions { Level = Level }, _log, CancellationToken.None))
            File.Copy(LayerImage, _folder["hive.img"]);
        using var root = TinyCard.OpenRoot(_folder["hive.img"], writable: true);
        root.WriteFile("/etc/hostname", "hive"u8.ToArray(), UnixFileMode.UserRead, 0, 0, TinyCard.Epoch);
    }
}

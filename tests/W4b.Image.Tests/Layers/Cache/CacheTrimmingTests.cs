using W4b.Image.Configuration;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Tests.Layers.Cache;

public sealed class CacheTrimmingTests : IDisposable
{
    private const long Mebibyte = 1024 * 1024;
    private readonly TestFolder _folder = new();
    private readonly CacheFolder _cache;
    private readonly ListLog _log = new();

    public CacheTrimmingTests() => _cache = new CacheFolder(_folder["cache"]);

    public void Dispose()
    {
        CacheUses.ReleaseAll();
        _folder.Dispose();
    }

    [Fact]
    public void Above_the_size_what_was_used_least_recently_goes()
    {
        var (oldest, middle, newest) = (Layer("a", 3), Layer("b", 2), Layer("c", 1));
        Allocate(oldest, 500);
        Allocate(middle, 500);
        Allocate(newest, 400);
        CacheTrimming.Apply(new CacheLimits(1, null), _cache, _log);
        Assert.Equal([false, true, true], new[] { oldest, middle, newest }.Select(Directory.Exists));
    }

    [Fact]
    public void What_nobody_used_for_so_long_goes_of_every_kind()
    {
        var package = Path.Combine(_cache.Packages, new string('a', 64) + ".deb");
        File.WriteAllText(package, "package");
        SetUsed(package, 11);
        var (old, recent) = (Layer("old", 11), Layer("recent", 9));
        CacheTrimming.Apply(new CacheLimits(null, 10), _cache, _log);
        Assert.False(File.Exists(package));
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(recent));
        Assert.Equal(2, _log.Lines.Count(l => l.StartsWith("Removed from the cache: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_use_counts()
    {
        var layer = Layer("a", 11);
        Assert.True(CacheUses.Take(_cache, layer, null, _log));
        CacheUses.ReleaseAll();
        CacheTrimming.Apply(new CacheLimits(null, 10), _cache, _log);
        Assert.True(Directory.Exists(layer));
    }

    [Fact]
    public void What_a_build_uses_stays_until_it_has_ended()
    {
        var layer = Layer("a", 11);
        Assert.True(CacheUses.Take(_cache, layer, null, _log));
        SetUsed(CacheSeal.PathOf(layer), 11);
        CacheTrimming.Apply(new CacheLimits(null, 10), _cache, _log);
        Assert.True(Directory.Exists(layer));

        CacheUses.ReleaseAll();
        CacheTrimming.Apply(new CacheLimits(null, 10), _cache, _log);
        Assert.False(Directory.Exists(layer));
    }

    [Fact]
    public void Without_limits_everything_stays()
    {
        var layer = Layer("a", 1000);
        CacheTrimming.Apply(new CacheLimits(null, null), _cache, _log);
        Assert.True(Directory.Exists(layer));
    }

    private string Layer(string name, int days)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_cache.Layers, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "layer.img"), name);
        CacheSeal.Write(folder);
        SetUsed(CacheSeal.PathOf(folder), days);
        return folder;
    }

    private static void SetUsed(string file, int days)
    {
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-days));
        File.SetLastAccessTimeUtc(file, DateTime.UtcNow.AddDays(-days));
    }

    // Room on the disk without writing it.
    private static void Allocate(string folder, long mebibytes)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "room"), FileMode.CreateNew, FileAccess.Write, preallocationSize: mebibytes * Mebibyte);
        RandomAccess.SetLength(file, mebibytes * Mebibyte);
    }
}

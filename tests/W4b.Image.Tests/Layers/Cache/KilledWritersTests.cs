using W4b.Image.CacheUser;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Packages;

namespace W4b.Image.Tests.Layers.Cache;

/// <summary>A thousand processes are killed at some moment of their writing into one cache.</summary>
[Trait("Category", "Build")]
public sealed class KilledWritersTests : IDisposable
{
    private const int Kills = 1000;
    private const int KillsARead = 5;
    private const int AtOnce = 4;
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_corrupt_is_ever_read()
    {
        var cache = new CacheFolder(_folder["cache"]);
        var (killed, read) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, Kills), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (seed, ct) =>
        {
            using (var writer = new OtherProcess("store", cache.Root, $"{seed}"))
            {
                var random = new Random(seed);
                // Any moment of the first few entries, on a busy machine too.
                for (var entry = random.Next(6); entry > 0; entry--)
                    writer.ReadUntil("written");
                await Task.Delay(TimeSpan.FromMicroseconds(random.Next(5_000)), ct);
                writer.Kill();
            }

            if (Interlocked.Increment(ref killed) % KillsARead == 0)
                Interlocked.Add(ref read, await ReadAllAsync(cache));
        });
        Assert.Equal(Kills, killed);
        Assert.True(read > Kills, $"Only {read} entries were there to be read.");
    }

    // Under the entry's lock, as builds do: what is damaged is removed, and nobody else makes it meanwhile.
    private async Task<int> ReadAllAsync(CacheFolder cache)
    {
        var read = 0;
        for (var entry = 0; entry < 6; entry++)
        {
            var folder = Path.Combine(cache.Layers, $"entry{entry}");
            using (await cache.LockAsync($"layer-{entry}", _log, default))
            {
                if (CacheUses.Take(cache, folder, null, _log))
                {
                    foreach (var file in StoreWriter.Files)
                        Assert.Equal(StoreWriter.Content(entry, file), await File.ReadAllBytesAsync(Path.Combine(folder, file)));
                    read++;
                }
            }

            var content = StoreWriter.Content(entry, "base");
            var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
            var image = Path.Combine(cache.Base, sha256 + ".img");
            using (await cache.LockAsync($"base-{entry}", _log, default))
            {
                if (CacheUses.Take(cache, image, sha256, _log))
                {
                    Assert.Equal(content, await File.ReadAllBytesAsync(image));
                    read++;
                }
            }

            var package = StoreWriter.Content(entry, "package");
            var archives = Directory.CreateDirectory(_folder[Guid.NewGuid().ToString("N")]).FullName;
            var wanted = new PackageArchive("package_1_all.deb", package.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(package)));
            if (new PackagePool(cache, _log).Provide([wanted], archives) == 0)
            {
                Assert.Equal(package, await File.ReadAllBytesAsync(Path.Combine(archives, wanted.FileName)));
                read++;
            }

            Directory.Delete(archives, recursive: true);
        }

        return read;
    }
}

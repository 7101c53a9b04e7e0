using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Packages;

namespace W4b.Image.CacheUser;

/// <summary>Writes entries of all kinds into a cache, as builds do, and removes some, until it is killed. What an entry holds follows from its name.</summary>
internal static class StoreWriter
{
    private const int Entries = 6;

    /// <summary>The content of a file of an entry.</summary>
    public static byte[] Content(int entry, string file)
    {
        var content = new byte[20_000 + 7_000 * entry];
        new Random(HashCode(entry, file)).NextBytes(content);
        return content;
    }

    /// <summary>The names of the files of a folder.</summary>
    public static IReadOnlyList<string> Files { get; } = ["layer.img", "layer.json", "layer.log"];

    public static async Task RunAsync(string root, int seed)
    {
        var (cache, log, random) = (new CacheFolder(root), new SilentLog(), new Random(seed));
        while (true)
        {
            var entry = random.Next(Entries);
            var folder = Path.Combine(cache.Layers, $"entry{entry}");
            using (await cache.LockAsync($"layer-{entry}", log, default))
                if (!CacheUses.Take(cache, folder, null, log))
                    WriteFolder(cache, folder, entry);
            Console.WriteLine("written");

            var file = Content(entry, "base");
            var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
            var image = Path.Combine(cache.Base, sha256 + ".img");
            using (await cache.LockAsync($"base-{entry}", log, default))
                if (!CacheUses.Take(cache, image, sha256, log))
                {
                    Write(image + ".partial", file);
                    DurableFile.Move(image + ".partial", image);
                    CacheSeal.Write(image, sha256);
                }
            Console.WriteLine("written");

            var archives = Directory.CreateDirectory(Path.Combine(cache.Work, Guid.NewGuid().ToString("N"))).FullName;
            Write(Path.Combine(archives, "package_1_all.deb"), Content(entry, "package"));
            new PackagePool(cache, log).Keep(archives);
            Directory.Delete(archives, recursive: true);
            Console.WriteLine("written");

            CacheUses.ReleaseAll();
            foreach (var old in new[] { folder, image }.Where(_ => random.Next(3) == 0))
                using (var unused = cache.TryLockUse(old))
                    if (unused is not null)
                        CacheEntry.Delete(old);
        }
    }

    private static void WriteFolder(CacheFolder cache, string folder, int entry)
    {
        var made = Directory.CreateDirectory(Path.Combine(cache.Work, Guid.NewGuid().ToString("N"))).FullName;
        foreach (var name in Files)
            Write(Path.Combine(made, name), Content(entry, name));
        CacheSeal.Write(made);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        DurableFile.MoveFolder(made, folder);
    }

    // In pieces, so that there are moments at which half of it is there.
    private static void Write(string path, byte[] content)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var piece in content.Chunk(4096))
            stream.Write(piece);
    }

    private static int HashCode(int entry, string file) => file.Aggregate(entry + 17, (hash, c) => unchecked(hash * 31 + c));

    private sealed class SilentLog : IBuildLog
    {
        public void Info(string message)
        {
        }

        public void Detail(string message)
        {
        }

        public void Warning(Diagnostic diagnostic)
        {
        }
    }
}

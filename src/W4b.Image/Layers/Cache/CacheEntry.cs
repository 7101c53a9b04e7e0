namespace W4b.Image.Layers.Cache;

/// <summary>Something in the cache that can be removed as a whole, and made or fetched again.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Used">When it was last used.</param>
/// <param name="Bytes">What it takes on the disk.</param>
internal sealed record CacheEntry(string Path, DateTime Used, long Bytes)
{
    /// <summary>All base images, layers, twins, packages and downloads.</summary>
    public static IReadOnlyList<CacheEntry> List(CacheFolder cache)
        =>
        [
            .. Directory.GetFiles(cache.Base, "*.img").Concat(Directory.GetDirectories(cache.Layers)).Concat(Directory.GetDirectories(cache.Twins))
                .Concat(Directory.GetFiles(cache.Packages)).Concat(Directory.GetFiles(cache.Downloads)).Select(Of),
        ];

    /// <summary>Removes an entry and its seal. What is killed on the way leaves an entry that is none.</summary>
    public static void Delete(string entry)
    {
        // First, for without a seal nobody takes it.
        File.Delete(CacheSeal.PathOf(entry));
        if (Directory.Exists(entry))
            Directory.Delete(entry, recursive: true);
        else
            File.Delete(entry);
    }

    private static CacheEntry Of(string path)
    {
        var mark = CacheSeal.PathOf(path) is var seal && File.Exists(seal) ? seal : path;
        var (accessed, written) = (File.GetLastAccessTimeUtc(mark), File.GetLastWriteTimeUtc(mark));
        var bytes = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Sum(FileStamp.AllocatedBytes) : FileStamp.AllocatedBytes(path);
        return new CacheEntry(path, accessed > written ? accessed : written, bytes);
    }
}

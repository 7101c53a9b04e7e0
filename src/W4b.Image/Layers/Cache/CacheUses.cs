using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// What this build uses of the cache, from when a stage has found it until the build ends: other builds do not remove it meanwhile,
/// also not between two stages. The kernel releases it when the process dies.
/// </summary>
public static class CacheUses
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, IDisposable> s_held = new(StringComparer.Ordinal);

    /// <summary>Releases all of it: the build is over.</summary>
    public static void ReleaseAll()
    {
        lock (s_gate)
        {
            foreach (var held in s_held.Values)
                held.Dispose();
            s_held.Clear();
        }
    }

    /// <summary>
    /// Holds an entry and says whether it is there as it was made. One that is damaged is removed: it has to be made again.
    /// </summary>
    /// <param name="cache">The cache.</param>
    /// <param name="entry">The file or folder in it.</param>
    /// <param name="sha256">The sha256 that a file has by its name; null for a folder.</param>
    /// <param name="log">Is told of damage.</param>
    internal static bool Take(CacheFolder cache, string entry, string? sha256, IBuildLog log)
    {
        var key = cache.UseLock(entry);
        lock (s_gate)
            if (!s_held.ContainsKey(key))
                s_held.Add(key, FileLock.AcquireShared(key));
        if (!Path.Exists(entry))
            return false;
        if (CacheSeal.FindFault(entry, sha256) is { } fault)
        {
            log.Info($"{entry} {fault}. It is removed from the cache and made again.");
            CacheEntry.Delete(entry);
            return false;
        }

        Mark(CacheSeal.PathOf(entry));
        return true;
    }

    /// <summary>Notes a use of a file just now, as its access time. (The kernel's own is off on many systems, and reading a file to check it is no use of it.)</summary>
    internal static void Mark(string file) => File.SetLastAccessTimeUtc(file, DateTime.UtcNow);
}

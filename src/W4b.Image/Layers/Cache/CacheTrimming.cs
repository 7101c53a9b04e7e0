using System.Globalization;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>Keeps the cache within its limits.</summary>
internal static class CacheTrimming
{
    private const double Gibibyte = 1024.0 * 1024 * 1024;

    // A lock of its own; another build that is at it does the same.
    private const string LockName = "trimming";

    /// <summary>Removes what is too old, then what was used least recently while the rest is too much; never what a build uses.</summary>
    public static void Apply(CacheLimits limits, CacheFolder cache, IBuildLog log)
    {
        if (limits is { MaxSizeGb: null, MaxAgeDays: null })
            return;
        using var held = cache.TryLock(LockName);
        if (held is null)
            return;
        var entries = CacheEntry.List(cache).OrderBy(e => e.Used).ToList();
        var (bytes, most) = (entries.Sum(e => e.Bytes), limits.MaxSizeGb * Gibibyte);
        foreach (var entry in entries)
        {
            var age = DateTime.UtcNow - entry.Used;
            if ((age.TotalDays > limits.MaxAgeDays || bytes > most) && TryRemove(cache, entry))
            {
                bytes -= entry.Bytes;
                log.Info(string.Create(CultureInfo.InvariantCulture,
                    $"Removed from the cache: {Path.GetRelativePath(cache.Root, entry.Path)}, {entry.Bytes / Gibibyte:0.00} GiB, last used {age.TotalDays:0.0} days ago; {bytes / Gibibyte:0.00} GiB are left."));
            }
        }

        if (bytes > most)
            log.Info(string.Create(CultureInfo.InvariantCulture,
                $"The cache holds {bytes / Gibibyte:0.00} GiB, more than the {limits.MaxSizeGb} GiB of cache.max_size_gb: the rest is in use by builds."));
    }

    private static bool TryRemove(CacheFolder cache, CacheEntry entry)
    {
        using var unused = cache.TryLockUse(entry.Path);
        if (unused is null)
            return false;
        CacheEntry.Delete(entry.Path);
        return true;
    }
}

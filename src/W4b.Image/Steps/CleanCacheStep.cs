using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Steps;

/// <summary>The cache is removed, with what killed builds left in it under subordinate ids.</summary>
public static class CleanCacheStep
{
    /// <summary>Removes the folder; nothing when there is none.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>: a build uses it, or it cannot be removed.</exception>
    public static async Task RunAsync(string cacheFolder, IBuildLog log, CancellationToken ct)
    {
        if (!Directory.Exists(cacheFolder))
            return;
        var cache = new CacheFolder(cacheFolder);
        // What earlier stages of this same build used.
        CacheUses.ReleaseAll();
        if (cache.InUse() is { } work)
            throw DiagnosticCode.FileAccess.Error($"The cache {cacheFolder} is not removed: a build works on {work} in it.");
        await WorkTrees.SweepAsync(cache, log, ct).ConfigureAwait(false);
        Directory.Delete(cacheFolder, recursive: true);
        log.Info($"Removed {cacheFolder}.");
    }
}

using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers;

/// <summary>The trees of builds that were killed. They belong to subordinate ids, so the sandbox removes them.</summary>
internal static class WorkTrees
{
    /// <summary>Removes every tree that no build works on.</summary>
    public static async Task SweepAsync(CacheFolder cache, IBuildLog log, CancellationToken cancellation)
    {
        foreach (var folder in cache.AbandonedWork())
        {
            log.Info($"Removing what a build left: {folder}");
            await SandboxRunner.DeleteTreeAsync(folder, log, cancellation).ConfigureAwait(false);
        }
    }
}

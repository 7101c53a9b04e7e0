using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: nothing in the cache belongs to anybody else.</summary>
public static class CleanCacheStep
{
    /// <summary>As in the real domain.</summary>
    public static Task RunAsync(string cacheFolder, IBuildLog log, CancellationToken ct)
    {
        if (Directory.Exists(cacheFolder))
            Directory.Delete(cacheFolder, recursive: true);
        return Task.CompletedTask;
    }
}

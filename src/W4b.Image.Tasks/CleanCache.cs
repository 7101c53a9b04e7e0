using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Removes the cache, also what belongs to subordinate ids.</summary>
public sealed class CleanCache : W4bTask
{
    /// <summary>Absolute path of the cache.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation) => CleanCacheStep.RunAsync(CacheFolder, log, cancellation);
}

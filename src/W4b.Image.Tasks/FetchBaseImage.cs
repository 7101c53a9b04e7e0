using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Puts the base image into the cache: downloaded and verified, or built from Debian packages.</summary>
public sealed class FetchBaseImage : W4bTask
{
    /// <summary>Absolute path of <c>base.json</c>.</summary>
    [Required]
    public string BaseFile { get; set; } = "";

    /// <summary>Absolute path of the cache.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>Whether programs of the host's architecture run in place of emulated ones where they can: sooner, the same result.</summary>
    public bool NativeTwins { get; set; } = true;

    /// <summary>Path of the base image in the cache.</summary>
    [Output]
    public string BaseImage { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => BaseImage = await FetchBaseStep.RunAsync(BaseFile, CacheFolder, NativeTwins, log, cancellation).ConfigureAwait(false);
}

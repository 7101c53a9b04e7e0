using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>Writes the sandbox's tree as a new image into the cache, and ends the sandbox.</summary>
public sealed class WriteLayer : SoftwareLayerTask
{
    /// <summary>Path of the layer in the cache.</summary>
    [Output]
    public string LayerImage { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunStepAsync(IBuildLog log, CancellationToken cancellation)
    {
        LayerImage = await Session.WriteImageAsync(log, cancellation).ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
    }
}

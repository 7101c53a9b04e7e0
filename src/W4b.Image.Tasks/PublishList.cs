using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Lists images that were sent where they are: of a fleet all at once.</summary>
public sealed class PublishList : W4bTask
{
    /// <summary>What <see cref="PublishImage"/> left of each.</summary>
    [Required]
    public string[] Publications { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var said = await PublishListStep.RunAsync(Publications, log, cancellation).ConfigureAwait(false);
        Log.LogMessage(MessageImportance.High, "{0}", said.TrimEnd());
    }
}

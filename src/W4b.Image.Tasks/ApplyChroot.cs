using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>Installs packages and runs scripts in the sandbox.</summary>
public sealed class ApplyChroot : SoftwareLayerTask
{
    /// <summary>Whether programs of the host's architecture run in place of emulated ones where they can: sooner, the same result.</summary>
    public bool NativeTwins { get; set; } = true;

    /// <inheritdoc/>
    protected override Task RunStepAsync(IBuildLog log, CancellationToken cancellation) => Session.ApplyAsync(NativeTwins, log, cancellation);
}

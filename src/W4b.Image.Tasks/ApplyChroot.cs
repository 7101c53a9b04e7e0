using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>Installs packages and runs scripts in the sandbox.</summary>
public sealed class ApplyChroot : SoftwareLayerTask
{
    /// <inheritdoc/>
    protected override Task RunStepAsync(IBuildLog log, CancellationToken cancellation) => Session.ApplyAsync(log, cancellation);
}

using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>
/// A task of the target InstallSoftware: MountImage opens the session of the layer, ApplyChroot works in it, WriteLayer ends it.
/// Between them the engine keeps it, and disposes it with the build when nobody did. A task that fails ends it at once.
/// </summary>
public abstract class SoftwareLayerTask : W4bTask
{
    /// <summary>Absolute path of <c>software.json</c>. It also tells the sessions of a parallel build apart.</summary>
    [Required]
    public string SoftwareFile { get; set; } = "";

    /// <summary>The session that MountImage opened.</summary>
    protected SoftwareLayerSession Session
        => BuildEngine4.GetRegisteredTaskObject(Key, RegisteredTaskObjectLifetime.Build) is KeptSession kept
            ? kept.Session
            : throw new InvalidOperationException($"{GetType().Name} runs after MountImage, in the same target.");

    private (Type, string) Key => (typeof(KeptSession), SoftwareFile);

    /// <summary>Leaves the session to the next tasks.</summary>
    protected void Keep(SoftwareLayerSession session)
        => BuildEngine4.RegisterTaskObject(Key, new KeptSession(session), RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);

    /// <summary>Ends the session, if there is one.</summary>
    protected async Task ReleaseAsync()
    {
        if (BuildEngine4.UnregisterTaskObject(Key, RegisteredTaskObjectLifetime.Build) is KeptSession kept)
            await kept.Session.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected sealed override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        try
        {
            await RunStepAsync(log, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await ReleaseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The task's one call of the domain.</summary>
    /// <inheritdoc cref="W4bTask.RunAsync"/>
    protected abstract Task RunStepAsync(IBuildLog log, CancellationToken cancellation);

    // What the engine can dispose: it knows no asynchronous disposal.
    private sealed class KeptSession(SoftwareLayerSession session) : IDisposable
    {
        public SoftwareLayerSession Session => session;

        public void Dispose() => session.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

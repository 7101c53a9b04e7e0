using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Finds the software layer in the cache, or opens a sandbox over the base image's files to make it.</summary>
public sealed class MountImage : SoftwareLayerTask
{
    /// <summary>Path of the base image.</summary>
    [Required]
    public string BaseImage { get; set; } = "";

    /// <summary>Absolute path of the cache.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>Absolute path of the project's package lock, which need not exist.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>Whether a resolution that differs from the lock, or has none, is an error; else the lock is written.</summary>
    public bool LockedMode { get; set; }

    /// <summary>Whether what the lock lacks is resolved anew, also when the cache has a layer for it.</summary>
    public bool UpdateLock { get; set; }

    /// <summary>Whether the project is a fleet, whose hives share the lock.</summary>
    public bool IsOneOfMany { get; set; }

    /// <summary>Path of the layer when the cache has it already: then nothing is left to do. Else empty.</summary>
    [Output]
    public string LayerImage { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunStepAsync(IBuildLog log, CancellationToken cancellation)
    {
        Keep(await SoftwareLayerSession.OpenAsync(SoftwareFile, BaseImage, CacheFolder,
            new LockOptions(LockFile, LockedMode, UpdateLock, !IsOneOfMany), log, cancellation).ConfigureAwait(false));
        if (Session.LayerImage is { } cached)
        {
            LayerImage = cached;
            await ReleaseAsync().ConfigureAwait(false);
        }
        else
        {
            await Session.MountAsync(log, cancellation).ConfigureAwait(false);
        }
    }
}

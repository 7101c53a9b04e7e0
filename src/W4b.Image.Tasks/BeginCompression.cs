using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>
/// Begins the archive while <see cref="ValidateImage"/> looks at the image, where the machine has a processor for it. <see cref="CompressImage"/> takes it;
/// when it does not come to that, the engine disposes of it at the build's end, and nothing of it is left.
/// </summary>
public sealed class BeginCompression : W4bTask
{
    /// <summary>Path of the image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Absolute path of the folder that holds the build's logs and reports.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>The xz level, 0 to 9; empty leaves it to the configuration.</summary>
    public string Level { get; set; } = "";

    /// <summary>The archive that was begun for an image, once; null when there is none.</summary>
    internal static BegunArchive? Take(IBuildEngine4 engine, string image) => (BegunArchive?)engine.UnregisterTaskObject(KeyOf(image), RegisteredTaskObjectLifetime.Build);

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        // The engine knows what other hives of a fleet use: it gives more than this task's own processor when one is idle.
        var engine = new EngineCores(BuildEngine9);
        var cores = engine.Request(Environment.ProcessorCount);
        engine.Release(cores);
        // A build may ask for an image twice, and the engine keeps one of a name.
        Take(BuildEngine4, Image)?.Dispose();
        if (CompressStep.Begin(Image, ObjFolder, CompressionLevel.Parse(Level, ProjectFile), cores) is { } begun)
            BuildEngine4.RegisterTaskObject(KeyOf(Image), begun, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        return Task.CompletedTask;
    }

    private static (Type, string) KeyOf(string image) => (typeof(BegunArchive), image);
}

using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Says what a build would do, what is cached, and how much disk, download and time it needs.</summary>
public sealed class Plan : W4bTask
{
    /// <summary>Absolute path of the folder with the configuration's files.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>Absolute path of the folder for images.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Absolute path of the cache.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>Whether the raw image stays when its archive is there.</summary>
    public bool KeepRawImage { get; set; } = true;

    /// <summary>Absolute path of the project's package lock, which need not exist.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>Whether the project is a fleet, whose hives share the lock.</summary>
    public bool IsOneOfMany { get; set; }

    /// <summary>Absolute path of the file to write.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var text = await PlanStep.RunAsync(ObjFolder, OutputFolder, CacheFolder, KeepRawImage, new LockOptions(LockFile, false, false, !IsOneOfMany), log, cancellation).ConfigureAwait(false);
        ContentFile.WriteAtomically(OutputFile, text + "\n");
        // One message: the lines of hives that are planned at the same time do not mix.
        Log.LogMessage(MessageImportance.High, "{0}", $"{Path.GetFileNameWithoutExtension(ProjectFile)}\n{text}");
    }
}

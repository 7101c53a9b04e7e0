using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Lists the locked packages of which the archives have another version.</summary>
public sealed class Outdated : W4bTask
{
    /// <summary>Absolute path of <c>software.json</c>.</summary>
    [Required]
    public string SoftwareFile { get; set; } = "";

    /// <summary>Path of the base image.</summary>
    [Required]
    public string BaseImage { get; set; } = "";

    /// <summary>Absolute path of the project's package lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>Absolute path of the list to write, Markdown.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var table = await OutdatedStep.RunAsync(SoftwareFile, BaseImage, LockFile, log, cancellation).ConfigureAwait(false);
        ContentFile.WriteAtomically(OutputFile, table);
        Log.LogMessage(MessageImportance.High, "{0}", table.TrimEnd());
    }
}

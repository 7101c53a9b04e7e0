using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Sends an image and the files that tell of it to where users get them. <see cref="PublishList"/> lists it there.</summary>
public sealed class PublishImage : W4bTask
{
    /// <summary>Absolute path of the build's folder.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>Absolute path of the folder with the image.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Absolute path of the folder that the command line or the project names; empty for none.</summary>
    public string GivenFolder { get; set; } = "";

    /// <summary>Absolute path of the folder where nothing names another place.</summary>
    [Required]
    public string DefaultFolder { get; set; } = "";

    /// <summary>Path of what <see cref="PublishList"/> has to know.</summary>
    [Output]
    public string Publication { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => Publication = await PublishImageStep.RunAsync(ObjFolder, OutputFolder, GivenFolder, DefaultFolder, log, cancellation).ConfigureAwait(false);
}

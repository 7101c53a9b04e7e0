using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Verifies any image: its integrity, its sidecars, that it is the project's, and the rules.</summary>
public sealed class VerifyImage : W4bTask
{
    /// <summary>Path of an .img.xz, a raw image, or a device.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Path of the image's manifest; empty for the one beside it.</summary>
    public string ManifestFile { get; set; } = "";

    /// <summary>Absolute path of the project's <c>image.json</c>; empty when the image is not to be this project's.</summary>
    public string ImageFile { get; set; } = "";

    /// <summary>Absolute path of the report to write.</summary>
    [Required]
    public string ReportFile { get; set; } = "";

    /// <summary>Whether only little is to be read.</summary>
    public bool Quick { get; set; }

    /// <summary>The project's own rules: programs and assemblies, each with the metadata Severity and Files.</summary>
    public ITaskItem[] Rules { get; set; } = [];

    /// <summary>One line that says what came out.</summary>
    [Output]
    public string Summary { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => Summary = await VerifyStep.RunAsync(new VerifyRequest(Image, ManifestFile.Length == 0 ? null : ManifestFile, ImageFile.Length == 0 ? null : ImageFile,
            ReportFile, Quick, RuleItems.Read(Rules)), log, cancellation).ConfigureAwait(false);
}

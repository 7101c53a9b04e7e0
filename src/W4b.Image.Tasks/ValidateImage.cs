using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Checks the finished image, offline, by rules.</summary>
public sealed class ValidateImage : W4bTask
{
    /// <summary>Absolute path of <c>image.json</c>.</summary>
    [Required]
    public string ImageFile { get; set; } = "";

    /// <summary>Path of the image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Absolute path of the report to write.</summary>
    [Required]
    public string ReportFile { get; set; } = "";

    /// <summary>The project's own rules: programs and assemblies, each with the metadata Severity and Files.</summary>
    public ITaskItem[] Rules { get; set; } = [];

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => ValidateStep.RunAsync(ImageFile, Image, ReportFile, RuleItems.Read(Rules), log, cancellation);
}

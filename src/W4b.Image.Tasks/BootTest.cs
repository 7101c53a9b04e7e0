using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Boots a throw-away copy of the image in the emulator and asks it whether it is what is configured.</summary>
public sealed class BootTest : W4bTask
{
    /// <summary>Absolute path of <c>image.json</c>.</summary>
    [Required]
    public string ImageFile { get; set; } = "";

    /// <summary>Path of the image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary><c>virt</c>, <c>raspi3b</c>, or empty: the fastest that the image's kernel runs on.</summary>
    public string Machine { get; set; } = "";

    /// <summary>Absolute path of the report to write.</summary>
    [Required]
    public string ReportFile { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => BootTestStep.RunAsync(ImageFile, Path.GetFullPath(Image), Machine, ReportFile, log, cancellation);
}

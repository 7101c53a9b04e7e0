using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Tells in what two images differ, as Markdown.</summary>
public sealed class CompareImages : W4bTask
{
    // A terminal's screen or two; the rest is in the report.
    private const int ShownLines = 80;

    /// <summary>Absolute path of an image, .img or compressed.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Absolute path of another.</summary>
    [Required]
    public string OtherImage { get; set; } = "";

    /// <summary>Absolute path of the report to write.</summary>
    [Required]
    public string ReportFile { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var lines = (await CompareImagesStep.RunAsync(Image, OtherImage, ReportFile, log, cancellation).ConfigureAwait(false)).TrimEnd().Split('\n');
        var more = lines.Length > ShownLines ? $"\n({lines.Length - ShownLines} more lines are in {ReportFile}.)" : "";
        Log.LogMessage(MessageImportance.High, "{0}", string.Join('\n', lines.Take(ShownLines)) + more);
    }
}

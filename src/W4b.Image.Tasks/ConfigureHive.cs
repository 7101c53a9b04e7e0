using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Copies the software layer and writes this hive's files into the copy: system, users, SSH, firewall, services.</summary>
public sealed class ConfigureHive : W4bTask
{
    /// <summary>Absolute path of <c>image.json</c>.</summary>
    [Required]
    public string ImageFile { get; set; } = "";

    /// <summary>Path of the software layer.</summary>
    [Required]
    public string LayerImage { get; set; } = "";

    /// <summary>Absolute path of the folder for the image.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>Absolute path of the folder for the results.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Absolute path of the cache.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>The image's name, without folder and extension.</summary>
    [Output]
    public string ImageName { get; set; } = "";

    /// <summary>Path of the unfinished image.</summary>
    [Output]
    public string Image { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => (ImageName, Image) = await ConfigureHiveStep.RunAsync(ImageFile, Path.GetDirectoryName(ProjectFile)!, LayerImage, ObjFolder, OutputFolder, CacheFolder, log, cancellation).ConfigureAwait(false);
}

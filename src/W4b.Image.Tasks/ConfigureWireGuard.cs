using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Adds the VPN to the image and, as its last act, gives it its final name.</summary>
public sealed class ConfigureWireGuard : W4bTask
{
    /// <summary>Absolute path of <c>image.json</c>.</summary>
    [Required]
    public string ImageFile { get; set; } = "";

    /// <summary>The image's name, without folder and extension.</summary>
    [Required]
    public string ImageName { get; set; } = "";

    /// <summary>In: path of the unfinished image. Out: path of the finished one.</summary>
    [Required]
    [Output]
    public string Image { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
        => (_, Image) = await ConfigureWireGuardStep.RunAsync(ImageFile, new HiveImage(ImageName, Image), log, cancellation).ConfigureAwait(false);
}

using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Makes the <c>.img.xz</c>, with its checksum, manifest, provenance and log beside it.</summary>
public sealed class CompressImage : W4bTask
{
    /// <summary>Absolute path of <c>image.json</c>.</summary>
    [Required]
    public string ImageFile { get; set; } = "";

    /// <summary>Path of the image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Absolute path of the folder for the results.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Absolute path of the folder that holds the build's logs and reports.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>The xz level, 0 to 9; empty leaves it to the configuration.</summary>
    public string Level { get; set; } = "";

    /// <summary>Absolute path of the secret key that signs the image; empty for no signature.</summary>
    public string SigningKey { get; set; } = "";

    /// <summary>Path of the compressed image.</summary>
    [Output]
    public string CompressedImage { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        using var begun = BeginCompression.Take(BuildEngine4, Image);
        CompressedImage = await CompressStep.RunAsync(ImageFile, Path.GetDirectoryName(ProjectFile)!, Image, OutputFolder, ObjFolder, CompressionLevel.Parse(Level, ProjectFile), begun,
            new EngineCores(BuildEngine9), SigningKey.Length == 0 ? null : SigningKey, log, cancellation).ConfigureAwait(false);
    }
}

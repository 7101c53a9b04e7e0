using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps.Verification;

/// <summary>What stands beside an image: its checksum's file and its manifest.</summary>
/// <param name="ChecksumFile">Path of the file of sha256sum(1); null when there is none.</param>
/// <param name="ManifestFile">Path of the manifest; null when there is none.</param>
/// <param name="Manifest">What the manifest says; null when it says nothing that can be read.</param>
internal sealed record Sidecars(string? ChecksumFile, string? ManifestFile, ImageManifest? Manifest)
{
    /// <summary>Those of an image.</summary>
    /// <param name="image">Path of the image.</param>
    /// <param name="manifest">Path of its manifest; null for <c>NAME.json</c> beside <c>NAME.img.xz</c> or <c>NAME.img</c>.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> when the manifest that is named does not exist.</exception>
    public static Sidecars Find(string image, string? manifest)
    {
        if (manifest is not null && !File.Exists(manifest))
            throw DiagnosticCode.FileAccess.Error($"The manifest {manifest} does not exist.");
        var checksum = image + ".sha256";
        var stem = image.EndsWith(".img.xz", StringComparison.Ordinal) ? image[..^7] : image.EndsWith(".img", StringComparison.Ordinal) ? image[..^4] : null;
        manifest ??= stem is not null && File.Exists(stem + ".json") ? stem + ".json" : null;
        return new Sidecars(File.Exists(checksum) ? checksum : null, manifest, manifest is null ? null : Read(manifest));
    }

    private static ImageManifest? Read(string file)
    {
        try
        {
            return ImageJson.Read<ImageManifest>(file) is { Archive: not null, Image: not null, Base: not null, Packages: not null, HiveId: not null } whole ? whole : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers;

/// <summary>The id of a software layer: the whole argument for using a cached one. Content only, never a time.</summary>
internal static class SoftwareLayerId
{
    // Raised when the steps that make a layer change what comes out of equal inputs.
    private const int StepVersion = 3;

    /// <summary>The id of the layer that these inputs make.</summary>
    public static string Of(string baseSha256, SoftwareInputs inputs)
        => ContentFile.Sha256(string.Join('\n',
        [
            $"step {StepVersion}", $"base {baseSha256}", $"architecture {inputs.Architecture}",
            $"packages {string.Join(' ', inputs.Software.Packages)}", $"locales {string.Join(' ', inputs.Software.Locales)}",
            $"size {inputs.Software.ImageSize}", $"epoch {BuildEpoch.Current.ToUnixTimeSeconds()}",
            $"python {string.Join(' ', inputs.Software.PythonPackages)} {FileHash(inputs.Software.PythonRequirements)} {WheelsHash(inputs.Software)} {inputs.Software.PythonIndex}",
            .. inputs.Software.Components.Select(c => $"component {c.Name} {c.Sha256 ?? $"{c.Source} {c.Revision}"}"),
            .. inputs.Software.Scripts.Select(script => $"script {ContentFile.Sha256OfFile(script)}"),
        ]));

    private static string FileHash(string? file) => file is null ? "" : ContentFile.Sha256OfFile(file);

    private static string WheelsHash(SoftwareConfiguration software) => software.PythonWheels is { } folder ? ComponentResolver.HashOfFolder(folder) : "";
}

using W4b.Image.Layers.Locking;

namespace W4b.Image.Layers;

/// <summary>A package installed in an image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture.</param>
public sealed record InstalledPackage(string Name, string Version, string Architecture);

/// <summary>What is known of a software layer: <c>layer.json</c> beside its image.</summary>
/// <param name="Id">Its content id: of what it was asked for and what that was resolved to.</param>
/// <param name="BaseSha256">sha256 of the base image.</param>
/// <param name="Packages">All packages in it, sorted by name.</param>
/// <param name="Lock">What was resolved for it; null in a record of before.</param>
public sealed record LayerInfo(string Id, string BaseSha256, IReadOnlyList<InstalledPackage> Packages, LockedLayer? Lock = null)
{
    /// <summary>Text of its cmdline.txt; null where it is not known, as in the file beside the layer's image.</summary>
    public string? CommandLine { get; init; }
}

using W4b.Image.Distribution.Contents;

namespace W4b.Image.Distribution.Sbom;

/// <summary>Package URLs (purl): the names by which vulnerability scanners know a package.</summary>
internal static class PackageUrl
{
    /// <summary>Of a Debian package: <c>pkg:deb/debian/bash@5.2.37-2?arch=arm64&amp;distro=debian-13</c>.</summary>
    public static string Of(DebianPackage package, ImageContents contents)
    {
        var distribution = contents.DistributionVersion.Length == 0 ? contents.DistributionId : $"{contents.DistributionId}-{contents.DistributionVersion}";
        return $"pkg:deb/{Encode(contents.DistributionId)}/{Encode(package.Name)}@{Encode(package.Version)}?arch={Encode(package.Architecture)}&distro={Encode(distribution)}";
    }

    /// <summary>Of a Python package: <c>pkg:pypi/pyserial@3.5</c>.</summary>
    public static string Of(PythonPackage package) => $"pkg:pypi/{Encode(package.Name)}@{Encode(package.Version)}";

    /// <summary>Of a component, which no registry knows: <c>pkg:generic/sensor_manager?checksum=sha256:…</c>.</summary>
    public static string Of(Configuration.ComponentConfiguration component)
        => $"pkg:generic/{Encode(component.Name)}" + (component.Sha256 is { } sha256 ? $"?checksum=sha256:{sha256}" : component.Revision is { } revision ? $"@{Encode(revision)}" : "");

    // The specification leaves a colon as it is.
    private static string Encode(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}

namespace W4b.Image.Distribution.Contents;

/// <summary>A Python package that pip installed.</summary>
/// <param name="Name">Its name, in the normal form of PEP 503.</param>
/// <param name="Version">Its version.</param>
/// <param name="Summary">What it is; null when it does not tell.</param>
/// <param name="License">Its licence as it says it; null when it does not.</param>
public sealed record PythonPackage(string Name, string Version, string? Summary, string? License)
{
    /// <summary>The package of a <c>METADATA</c> file; null when it is none.</summary>
    public static PythonPackage? Parse(string metadata)
    {
        // The description follows after an empty line.
        var fields = DebianPackage.Fields(metadata.Split("\n\n", 2)[0]);
        return fields.TryGetValue("Name", out var name) && fields.TryGetValue("Version", out var version)
            ? new PythonPackage(Normal(name), version, fields.GetValueOrDefault("Summary"), fields.GetValueOrDefault("License-Expression")) : null;
    }

    private static string Normal(string name)
        => string.Join('-', name.ToLowerInvariant().Split(['-', '_', '.'], StringSplitOptions.RemoveEmptyEntries));
}

namespace W4b.Image.Configuration;

/// <summary>What the software layer adds to the base.</summary>
/// <param name="Packages">Debian packages.</param>
/// <param name="Scripts">Full paths of scripts run in the image's root.</param>
/// <param name="Locales">Locales generated.</param>
/// <param name="ImageSize">Wanted size of the image in bytes; 0 for what it needs.</param>
/// <param name="Repositories">apt repositories beside the base's own.</param>
/// <param name="PythonPackages">Requirements for pip.</param>
/// <param name="PythonRequirements">Full path of a pip requirements file; null for none.</param>
/// <param name="PythonWheels">Full path of the folder of wheels that pip takes packages from; null for the network.</param>
/// <param name="PythonIndex">URL of the index that pip takes packages from; null for its own.</param>
/// <param name="Components">Software for /opt/w4b, sorted by name.</param>
public sealed record SoftwareConfiguration(IReadOnlyList<string> Packages, IReadOnlyList<string> Scripts, IReadOnlyList<string> Locales, long ImageSize,
    IReadOnlyList<RepositoryConfiguration> Repositories, IReadOnlyList<string> PythonPackages, string? PythonRequirements,
    string? PythonWheels, string? PythonIndex, IReadOnlyList<ComponentConfiguration> Components)
{
    /// <summary>Whether pip has something to install beside the components.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool NeedsPython => PythonPackages.Count > 0 || PythonRequirements is not null;
}

/// <summary>An apt repository.</summary>
/// <param name="Url">https or http URL.</param>
/// <param name="Suite">Its suite; null for the base's.</param>
/// <param name="Components">Its components.</param>
/// <param name="KeyFile">Full path of its signing key.</param>
public sealed record RepositoryConfiguration(string Url, string? Suite, IReadOnlyList<string> Components, string KeyFile);

using W4b.Image.Configuration;

namespace W4b.Image.Steps;

/// <summary>As in the real domain.</summary>
public sealed record ConfigurationRequest(string ConfigFile, string ProjectFile, IReadOnlyList<SettingOverride> Overrides,
    IReadOnlyList<string> Packages, IReadOnlyList<ProjectFile> Files, IReadOnlyList<string> Scripts, IReadOnlyList<string> Services,
    string ObjFolder)
{
    /// <summary>What the project calls the hive: its id unless something says another.</summary>
    public string Name { get; init; } = Path.GetFileNameWithoutExtension(ProjectFile);

    /// <summary>Components of the project's items.</summary>
    public IReadOnlyList<ComponentSource> Components { get; init; } = [];
}

/// <summary>As in the real domain.</summary>
public sealed record HiveImage(string Name, string ImagePath);

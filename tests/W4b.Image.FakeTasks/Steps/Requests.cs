using W4b.Image.Configuration;

namespace W4b.Image.Steps;

/// <summary>As in the real domain.</summary>
public sealed record ConfigurationRequest(string ConfigFile, string ProjectFile, IReadOnlyList<SettingOverride> Overrides,
    IReadOnlyList<string> Packages, IReadOnlyList<ProjectFile> Files, IReadOnlyList<string> Scripts, IReadOnlyList<string> Services,
    string ObjFolder);

/// <summary>As in the real domain.</summary>
public sealed record HiveImage(string Name, string ImagePath);

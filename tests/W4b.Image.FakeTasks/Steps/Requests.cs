namespace W4b.Image.Steps;

/// <summary>As in the real domain.</summary>
public sealed record SettingOverride(string Name, string Value, string Source);

/// <summary>As in the real domain.</summary>
public sealed record FileItem(string Source, string TargetPath, string? Mode, string? Owner);

/// <summary>As in the real domain.</summary>
public sealed record ConfigurationRequest(string ConfigFile, string ProjectFile, IReadOnlyList<SettingOverride> Overrides,
    IReadOnlyList<string> Packages, IReadOnlyList<FileItem> Files, IReadOnlyList<string> Scripts, IReadOnlyList<string> Services,
    string ObjFolder);

/// <summary>As in the real domain.</summary>
public sealed record HiveImage(string Name, string ImagePath);

using Microsoft.Build.Framework;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>A task that reads a hive's configuration: the YAML, the properties and the items.</summary>
public abstract class ConfigurationTask : W4bTask
{
    /// <summary>What the project calls the hive: its id unless something says another.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>Absolute path of the YAML file.</summary>
    [Required]
    public string ConfigFile { get; set; } = "";

    /// <summary>Absolute path of the folder for the results.</summary>
    [Required]
    public string ObjFolder { get; set; } = "";

    /// <summary>The settings' names, each with the metadata Value, Property and Variable. An empty value is none.</summary>
    public ITaskItem[] Settings { get; set; } = [];

    /// <summary>W4bPackage: names of Debian packages.</summary>
    public string[] Packages { get; set; } = [];

    /// <summary>W4bFile: files for the image, with the metadata TargetPath, Mode and Owner.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>W4bScript: scripts to run in the image's root.</summary>
    public ITaskItem[] Scripts { get; set; } = [];

    /// <summary>W4bService: units to enable.</summary>
    public string[] Services { get; set; } = [];

    /// <summary>W4bComponent: software for /opt/w4b, with the metadata Name, Sha256 and Revision.</summary>
    public ITaskItem[] Components { get; set; } = [];

    /// <summary>All of them together.</summary>
    private protected ConfigurationRequest Request
        => new(ConfigFile, ProjectFile, new ProjectSettings(Settings, BuildEngine6, ProjectFile).All, Packages, [.. Files.Select(ToFile)],
            [.. Scripts.Select(script => script.GetMetadata("FullPath"))], Services, ObjFolder) { Name = Name, Components = [.. Components.Select(ToComponent)] };

    // A URL has no full path.
    private static ComponentSource ToComponent(ITaskItem item)
    {
        string? Metadata(string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;
        return new ComponentSource(item.ItemSpec.Contains("://", StringComparison.Ordinal) ? item.ItemSpec : item.GetMetadata("FullPath"),
            Metadata("Name"), Metadata("Sha256"), Metadata("Revision"));
    }

    private ProjectFile ToFile(ITaskItem item)
    {
        string? Metadata(string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;
        var target = Metadata("TargetPath") ?? throw DiagnosticCode.MissingValue.Error(
            $"The item W4bFile {item.ItemSpec} has no TargetPath: the absolute path of the file in the image.", new SourceLocation(ProjectFile));
        return new ProjectFile(item.GetMetadata("FullPath"), target, Metadata("Mode"), Metadata("Owner"));
    }
}

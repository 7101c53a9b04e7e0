using Microsoft.Build.Framework;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Compares the hives of a fleet: no two may have the same id, host name, VPN address or key.</summary>
public sealed class CheckFleet : W4bTask
{
    /// <summary>The hives' YAML files, with the metadata Name and, for this hive, values named as the settings.</summary>
    [Required]
    public ITaskItem[] Hives { get; set; } = [];

    /// <summary>The settings of all hives, as for <see cref="ConfigurationTask.Settings"/>.</summary>
    public ITaskItem[] Settings { get; set; } = [];

    /// <summary>Absolute path of the list of files that were read, to write.</summary>
    [Required]
    public string DependenciesFile { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var settings = new ProjectSettings(Settings, BuildEngine6, ProjectFile);
        CheckFleetStep.Run([.. Hives.Select(hive => new FleetHive(hive.GetMetadata("Name"), hive.GetMetadata("FullPath"), settings.Of(hive)))],
            ProjectFile, DependenciesFile, log);
        return Task.CompletedTask;
    }
}

using Microsoft.Build.Framework;
using W4b.Image.Configuration;

namespace W4b.Image.Tasks;

/// <summary>The values that the command line, the environment and the project give.</summary>
/// <param name="items">The settings' names, each with the metadata Value, Property and Variable. An empty value is none.</param>
/// <param name="engine">Knows the properties of the command line.</param>
/// <param name="projectFile">The project that is built.</param>
internal sealed class ProjectSettings(ITaskItem[] items, IBuildEngine6 engine, string projectFile)
{
    private readonly IEnumerable<string> _globalProperties = engine.GetGlobalProperties().Keys;

    /// <summary>The values of a project with one hive.</summary>
    public IReadOnlyList<SettingOverride> All => Of(hive: null);

    /// <summary>The values of one hive of a fleet: what its item says beats what the project says, and nothing else.</summary>
    public IReadOnlyList<SettingOverride> Of(ITaskItem? hive)
        => [.. from setting in items
               let source = SettingSource.Of(setting.GetMetadata("Property"), setting.GetMetadata("Variable"),
                   _globalProperties, Environment.GetEnvironmentVariable, projectFile)
               let own = source.IsProject ? hive?.GetMetadata(setting.ItemSpec) : null
               let value = string.IsNullOrEmpty(own) ? setting.GetMetadata("Value") : own
               where value.Length > 0
               select new SettingOverride(setting.ItemSpec, value, source.Name)];
}

namespace W4b.Image.Tasks;

/// <summary>Where the value of a property came from: <c>-p:</c> beats the environment, which beats the project.</summary>
/// <param name="Name">The source as the user knows it.</param>
/// <param name="IsProject">Whether it is the project.</param>
internal sealed record SettingSource(string Name, bool IsProject)
{
    /// <summary>
    /// The source of a property's value. The order is that of <c>targets/Settings.targets</c>, where a global property
    /// cannot be assigned, and the environment is assigned after the project's body.
    /// </summary>
    /// <param name="property">The MSBuild property, e.g. <c>W4bHiveId</c>.</param>
    /// <param name="variable">The environment variable, e.g. <c>W4B_HIVE_ID</c>.</param>
    /// <param name="globalProperties">The names given on the command line or by a calling project.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="projectFile">The project that is built.</param>
    public static SettingSource Of(string property, string variable, IEnumerable<string> globalProperties,
        Func<string, string?> environment, string projectFile)
        => globalProperties.Contains(property, StringComparer.OrdinalIgnoreCase) ? new($"-p:{property}", IsProject: false)
            : !string.IsNullOrEmpty(environment(variable)) ? new($"environment {variable}", IsProject: false)
            : new(Path.GetFileName(projectFile), IsProject: true);
}

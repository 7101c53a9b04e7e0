namespace W4b.Image.Tasks;

/// <summary>Where the value of a property came from: <c>-p:</c> beats the environment, which beats the project.</summary>
internal static class SettingSource
{
    /// <summary>
    /// The name of the source, as the user knows it. The order is that of <c>targets/Settings.targets</c>, where a global property
    /// cannot be assigned, and the environment is assigned after the project's body.
    /// </summary>
    /// <param name="property">The MSBuild property, e.g. <c>W4bHiveId</c>.</param>
    /// <param name="variable">The environment variable, e.g. <c>W4B_HIVE_ID</c>.</param>
    /// <param name="globalProperties">The names given on the command line or by a calling project.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="projectFile">The project that is built.</param>
    public static string Of(string property, string variable, IEnumerable<string> globalProperties,
        Func<string, string?> environment, string projectFile)
        => globalProperties.Contains(property, StringComparer.OrdinalIgnoreCase) ? $"-p:{property}"
            : !string.IsNullOrEmpty(environment(variable)) ? $"environment {variable}"
            : Path.GetFileName(projectFile);
}

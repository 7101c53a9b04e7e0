using System.Text.RegularExpressions;

namespace W4b.Image.Configuration.HiveManager;

/// <summary>Checks of values that only the hive manager's file has.</summary>
internal static partial class HiveManagerValues
{
    /// <summary>A version by semver.org 2.0.</summary>
    public static string? SemanticVersion(string value)
        => SemanticVersionPattern().IsMatch(value) ? null : "a semantic version such as 1.2.0";

    [GeneratedRegex(@"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\z")]
    private static partial Regex SemanticVersionPattern();
}

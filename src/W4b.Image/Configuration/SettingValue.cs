using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>The value that won for a setting, and where it came from.</summary>
/// <param name="Setting">Its row in the table.</param>
/// <param name="Key">Its key, with the index of elements: <c>sensors[2].id</c>.</param>
/// <param name="Source">Where the value stands, in words: <c>hive.yaml:12</c>, <c>environment W4B_TIMEZONE</c>, <c>default</c>.</param>
internal sealed record SettingValue(Setting Setting, string Key, string Source)
{
    /// <summary>The text; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The elements of a list, with their places.</summary>
    public IReadOnlyList<(string Text, SourceLocation Place)> List { get; init; } = [];

    /// <summary>The reference to a secret.</summary>
    public Secret? Secret { get; init; }

    /// <summary>Where it stands in the YAML; null when it does not.</summary>
    public SourceLocation? Place { get; init; }

    /// <summary>False when an error was noted for it.</summary>
    public bool Valid { get; init; } = true;
}

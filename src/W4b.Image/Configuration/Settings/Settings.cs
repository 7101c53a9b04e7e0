using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>All settings, a row each, a file a section. This table is the only list of them.</summary>
public static partial class Settings
{
    /// <summary>The settings in the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [.. Identity(), .. BaseImage(), .. System(), .. Network(), .. Security(), .. Services(), .. Sensors(), .. Software(), .. Output()];

    private static readonly Dictionary<string, Setting> s_byKey = All.ToDictionary(s => s.Key, StringComparer.Ordinal);

    private static readonly HashSet<string> s_sections =
        [.. All.SelectMany(s => Enumerable.Range(0, s.Key.Length).Where(i => s.Key[i] == '.').Select(i => s.Key[..i]))];

    /// <summary>The setting with this key, or null; an element's index does not matter.</summary>
    public static Setting? Find(string key) => s_byKey.GetValueOrDefault(Setting.Pattern(key));

    /// <summary>Whether <paramref name="key"/> is a mapping that holds settings.</summary>
    public static bool IsSection(string key) => s_sections.Contains(Setting.Pattern(key));

    /// <summary>The known key nearest to <paramref name="key"/>, or null when none is near.</summary>
    public static string? NearestKey(string key) => Nearest.Of(Setting.Pattern(key), All.Select(s => s.Key).Concat(s_sections));
}

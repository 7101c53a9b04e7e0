using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>The settings of one kind of file, to look up. Of a key like <c>sensors[2].id</c> the index does not matter.</summary>
internal sealed class SettingTable(IReadOnlyList<Setting> settings)
{
    private readonly Dictionary<string, Setting> _byKey = settings.ToDictionary(s => s.Key, StringComparer.Ordinal);

    private readonly HashSet<string> _sections =
        [.. settings.SelectMany(s => Enumerable.Range(0, s.Key.Length).Where(i => s.Key[i] == '.').Select(i => s.Key[..i]))];

    /// <summary>All, in their order.</summary>
    public IReadOnlyList<Setting> All => settings;

    /// <summary>The setting with this key, or the one of which it is a name that the user chooses (<c>validation.rules.*</c>); null when there is neither.</summary>
    public Setting? Find(string key)
    {
        var pattern = Setting.Pattern(key);
        return _byKey.GetValueOrDefault(pattern)
            ?? (pattern.LastIndexOf('.') is > 0 and var dot && !_sections.Contains(pattern) ? _byKey.GetValueOrDefault(pattern[..dot] + ".*") : null);
    }

    /// <summary>Whether <paramref name="key"/> is a mapping that holds settings.</summary>
    public bool IsSection(string key) => _sections.Contains(Setting.Pattern(key));

    /// <summary>The known key nearest to <paramref name="key"/>, or null when none is near.</summary>
    public string? NearestKey(string key) => Nearest.Of(Setting.Pattern(key), settings.Select(s => s.Key).Concat(_sections));
}

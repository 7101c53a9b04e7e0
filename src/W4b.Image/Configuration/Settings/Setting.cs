using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>The form of a setting's value.</summary>
public enum SettingKind
{
    /// <summary>A text.</summary>
    Text,
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,
    /// <summary>A whole number.</summary>
    WholeNumber,
    /// <summary>A number, with or without fraction.</summary>
    Number,
    /// <summary>A list of texts.</summary>
    List,
    /// <summary>A list of mappings; the settings below it have <c>[]</c> behind its key.</summary>
    Mappings,
    /// <summary>A text that no log, binlog or file but the image may hold.</summary>
    Secret,
}

/// <summary>
/// One setting: the single row from which come its YAML key, default, property and environment names, check, documentation and
/// JSON Schema.
/// </summary>
/// <param name="Key">The path of keys in the YAML, joined by dots; <c>[]</c> stands for any element of a list: <c>network.wifi[].ssid</c>; <c>*</c> in the last place for any name.</param>
/// <param name="Kind">The value's form.</param>
/// <param name="Description">What it is, with units, for docs/configuration.md.</param>
/// <param name="Default">The value when nothing sets it; null for none.</param>
/// <param name="Option">The MSBuild property's name without <c>W4b</c>, when it can also be set as a property and environment variable.</param>
/// <param name="Environment">That environment variable's name.</param>
/// <param name="OneOf">The only texts allowed.</param>
/// <param name="Least">The least number allowed.</param>
/// <param name="Most">The greatest number allowed.</param>
/// <param name="Check">Returns what is expected when the value (or an element of a list) is not valid, else null.</param>
/// <param name="Deprecated">Whether it is an old name of <paramref name="AliasOf"/>, to be warned about.</param>
/// <param name="AliasOf">The key for which this is another name.</param>
/// <param name="Several">Whether a list of texts is allowed too: it is one text with commas between.</param>
public sealed partial record Setting(string Key, SettingKind Kind, string Description, string? Default = null, string? Option = null,
    string? Environment = null, IReadOnlyList<string>? OneOf = null, double? Least = null, double? Most = null,
    Func<string, string?>? Check = null, bool Deprecated = false, string? AliasOf = null, bool Several = false)
{
    /// <summary>What is expected, when <paramref name="value"/> is not that; null when it is valid.</summary>
    public string? Expected(string value) => Kind switch
    {
        SettingKind.Boolean => Values.ReadFlag(value) is null ? "true or false" : null,
        SettingKind.WholeNumber => Values.WholeNumber(value, Least, Most),
        SettingKind.Number => Values.Number(value, Least, Most),
        _ when OneOf is not null => OneOf.Contains(value, StringComparer.Ordinal) ? null : "one of " + string.Join(", ", OneOf),
        SettingKind.Text or SettingKind.List => Values.Plain(value),
        _ => null,
    } ?? Check?.Invoke(value);

    /// <summary>The key in the table for a key in a file: <c>network.wifi[3].ssid</c> is <c>network.wifi[].ssid</c>.</summary>
    public static string Pattern(string key) => key.Contains('[', StringComparison.Ordinal) ? Index().Replace(key, "[]") : key;

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}

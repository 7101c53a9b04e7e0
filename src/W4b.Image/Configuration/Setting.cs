namespace W4b.Image.Configuration;

/// <summary>The form of a setting's value.</summary>
public enum SettingKind
{
    /// <summary>A text.</summary>
    Text,
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,
    /// <summary>A whole number.</summary>
    Number,
    /// <summary>A list of texts.</summary>
    List,
    /// <summary>A text that no log, binlog or file but the image may hold.</summary>
    Secret,
    /// <summary>A free mapping or text that is kept for people; nothing is built from it.</summary>
    Note,
}

/// <summary>
/// One setting: the single row from which come its YAML key, default, property and environment names, check and documentation.
/// </summary>
/// <param name="Key">The path of keys in the YAML, joined by dots.</param>
/// <param name="Kind">The value's form.</param>
/// <param name="Description">What it is, with units, for docs/configuration.md.</param>
/// <param name="Default">The value when nothing sets it; null for none.</param>
/// <param name="Option">The MSBuild property's name without <c>W4b</c>, when it can also be set as a property and environment variable.</param>
/// <param name="Environment">That environment variable's name.</param>
/// <param name="Check">Returns what is expected when the value is not valid, else null.</param>
public sealed record Setting(string Key, SettingKind Kind, string Description, string? Default = null, string? Option = null,
    string? Environment = null, Func<string, string?>? Check = null);

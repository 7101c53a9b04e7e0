using System.Globalization;
using System.Text;

namespace W4b.Image.Configuration;

/// <summary>A setting's value and where it came from.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">The value; <c>***</c> for a secret, null for none.</param>
/// <param name="Source">Where it stands, in words: <c>hive.yaml:12</c>, <c>environment W4B_TIMEZONE</c>, <c>default</c>, <c>not set</c>.</param>
public sealed record ConfigurationEntry(string Key, string? Value, string Source);

/// <summary>Every value of a configuration with its source, for people (a table) and programs (JSON).</summary>
public static class ConfigurationListing
{
    private const int WidestValue = 60;

    /// <summary>
    /// All settings in the order of the table; those of a list's elements where the list has some. Then the project's items, by their
    /// MSBuild names.
    /// </summary>
    internal static IReadOnlyList<ConfigurationEntry> Of(ConfigurationReader read, ProjectInputs project)
        => [.. Settings.All.Where(s => s.AliasOf is null && !s.Key.Contains("[]", StringComparison.Ordinal)).SelectMany(s => Entries(read, s, s.Key)), .. Items(project)];

    /// <summary>The listing as columns; a value that is long or has lines is shortened.</summary>
    public static string Table(IReadOnlyList<ConfigurationEntry> entries)
    {
        var rows = entries.Select(e => (e.Key, Value: OneLine(e.Value ?? "-"), e.Source)).ToList();
        var (keys, values) = (rows.Max(r => r.Key.Length), rows.Max(r => r.Value.Length));
        var text = new StringBuilder();
        foreach (var (key, value, source) in rows)
            text.Append(CultureInfo.InvariantCulture, $"{key.PadRight(keys)}  {value.PadRight(values)}  {source}\n");
        return text.ToString();
    }

    /// <summary>The listing as a JSON array.</summary>
    public static string Json(IReadOnlyList<ConfigurationEntry> entries) => ImageJson.Write(entries);

    private static IEnumerable<ConfigurationEntry> Entries(ConfigurationReader read, Setting setting, string key)
    {
        if (setting.Kind != SettingKind.Mappings)
            return [Entry(read.Value(key))];
        var below = setting.Key + "[].";
        return from element in read.Mappings(key)
               from child in Settings.All
               where child.Key.StartsWith(below, StringComparison.Ordinal) && !child.Key[below.Length..].Contains("[]", StringComparison.Ordinal)
               from entry in Entries(read, child, $"{element}.{child.Key[below.Length..]}")
               where entry.Value is not null
               select entry;
    }

    private static IEnumerable<ConfigurationEntry> Items(ProjectInputs project)
    {
        ConfigurationEntry Item(string name, params IEnumerable<string?> values)
            => new(name, Values.WithoutPassword(string.Join(' ', values.OfType<string>())), Path.GetFileName(project.Place.File));

        return project.Packages.Select(p => Item("W4bPackage", p))
            .Concat(project.Files.Select(f => Item("W4bFile", f.Source, "->", f.TargetPath, f.Mode, f.Owner)))
            .Concat(project.Scripts.Select(s => Item("W4bScript", s)))
            .Concat(project.Services.Select(s => Item("W4bService", s)))
            .Concat(project.Components.Select(c => Item("W4bComponent", c.Include, c.Name, c.Revision ?? c.Sha256)));
    }

    private static ConfigurationEntry Entry(SettingValue value) => new(value.Key, value switch
    {
        { Secret: not null } or { Setting.Kind: SettingKind.Secret, Valid: false } => "***",
        { Setting.Kind: SettingKind.List, List.Count: > 0 } => string.Join(", ", value.List.Select(e => e.Text)),
        { Text: { } text } => Values.WithoutPassword(text),
        _ => null,
    }, value.Source);

    private static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= WidestValue ? line : line[..(WidestValue - 1)] + "…";
    }
}

namespace W4b.Image.Configuration;

/// <summary>All settings of a hive's YAML, a row each, a file a section. This table is the only list of them.</summary>
public static partial class Settings
{
    /// <summary>The settings in the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [.. Identity(), .. BaseImage(), .. System(), .. Network(), .. Security(), .. Services(), .. Sensors(), .. Software(), .. Output(), .. Publish()];

    /// <summary>The same, to look up.</summary>
    internal static SettingTable Table { get; } = new(All);
}

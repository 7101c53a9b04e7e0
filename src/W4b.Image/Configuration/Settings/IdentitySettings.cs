namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Identity() =>
    [
        new("version", SettingKind.Text, "Version of the configuration, for its authors."),
        new("extends", SettingKind.List, "Other YAML files that this one extends, e.g. what a fleet has in common; a path, or a list of which the last wins. "
            + "This file's mappings are merged into theirs, its lists replace theirs; one tagged `!append` goes after theirs."),
        new("hive_id", SettingKind.Text, "The hive's id: `hive_` and letters, digits, `_` or `-`. Default: the project's name; of a hive of a fleet, its file's.",
            Option: "HiveId", Environment: "W4B_HIVE_ID", Check: Values.HiveId),
        new("metadata.name", SettingKind.Text, "What people call the hive."),
        .. Location("metadata.location", "Where the hive stands: a text, or a mapping."),
        new("metadata.latitude", SettingKind.Number, "Degrees north, -90 to 90.", Least: -90, Most: 90),
        new("metadata.longitude", SettingKind.Number, "Degrees east, -180 to 180.", Least: -180, Most: 180),
        new("metadata.notes", SettingKind.Text, "Notes for people."),
        .. Location("location", "The same as `metadata.location`."),
    ];

    private static IEnumerable<Setting> Location(string key, string description) =>
    [
        new(key, SettingKind.Text, description),
        new($"{key}.address", SettingKind.Text, "Postal address or description."),
        new($"{key}.latitude", SettingKind.Number, "Degrees north, -90 to 90.", Least: -90, Most: 90),
        new($"{key}.longitude", SettingKind.Number, "Degrees east, -180 to 180.", Least: -180, Most: 180),
        new($"{key}.timezone", SettingKind.Text, "Time zone of the place; the device's is `system.timezone`.", Check: Values.TimeZone),
    ];
}

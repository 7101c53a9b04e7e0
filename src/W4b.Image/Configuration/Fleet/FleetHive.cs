namespace W4b.Image.Configuration;

/// <summary>A hive of a fleet.</summary>
/// <param name="Name">What the fleet's project calls it.</param>
/// <param name="ConfigFile">Its YAML file, full path.</param>
/// <param name="Overrides">Values from the command line, the environment, its item and the project.</param>
public sealed record FleetHive(string Name, string ConfigFile, IReadOnlyList<SettingOverride> Overrides);

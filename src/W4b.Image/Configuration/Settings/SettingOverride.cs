namespace W4b.Image.Configuration;

/// <summary>A value from outside the YAML file: the command line, the environment or the project. The caller has decided which of these wins.</summary>
/// <param name="Name">The option's name (<see cref="Setting.Option"/>), e.g. <c>HiveId</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Source">Where it comes from, in words, e.g. <c>-p:W4bHiveId</c> or <c>environment W4B_HIVE_ID</c>.</param>
public sealed record SettingOverride(string Name, string Value, string Source);

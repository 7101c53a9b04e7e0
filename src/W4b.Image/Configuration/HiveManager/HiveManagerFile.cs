using System.Globalization;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration.HiveManager;

/// <summary>A secret on its way into a file.</summary>
/// <param name="File">Its path, relative to the converted YAML.</param>
/// <param name="Secret">Where the manager's file has it.</param>
internal sealed record ConvertedSecret(string File, Secret Secret);

/// <summary>The hive configuration manager's file as an image's configuration.</summary>
/// <param name="HiveId">The hive's id.</param>
/// <param name="Values">The image's configuration: texts, numbers, lists and mappings in the order of <see cref="Settings"/>.</param>
/// <param name="Secrets">Secrets that stood in the manager's file; the configuration refers to their files.</param>
/// <param name="Files">The files that were read.</param>
/// <param name="ReadsEnvironment">Whether more than files was read.</param>
internal sealed record HiveManagerFile(string HiveId, OrderedDictionary<string, object> Values, IReadOnlyList<ConvertedSecret> Secrets,
    IReadOnlyList<string> Files, bool ReadsEnvironment)
{
    /// <summary>Reads and converts <paramref name="file"/>.</summary>
    /// <param name="file">The manager's file, full path.</param>
    /// <param name="output">The converted YAML, full path: what paths in it are relative to.</param>
    /// <param name="piModel">The Raspberry Pi; null leaves it to the default.</param>
    /// <param name="log">Receives the warnings.</param>
    /// <exception cref="W4bException">With every error found.</exception>
    public static HiveManagerFile Read(string file, string output, int? piModel, IBuildLog log)
    {
        var read = new ConfigurationReader(YamlSource.Load(file), [], table: HiveManagerSettings.Table);
        var id = read.Required("hive_id", "the manager names each hive");
        foreach (var warning in read.Warnings)
            log.Warning(warning);
        if (read.Errors.Count > 0)
            throw new W4bException(read.Errors);

        var conversion = new Conversion(read, id, Path.GetDirectoryName(output)!);
        var values = conversion.Convert();
        if (piModel is { } model)
            Conversion.Put(values, "base_image.model", model);
        if (read.HasSection("collector") || read.HasSection("sensors"))
            Conversion.Put(values, "services.sensor_manager.enabled", true);
        if (read.HasSection("security.database"))
            Conversion.Put(values, "services.database.type", "timescaledb");
        return new HiveManagerFile(id, InOrder(values), conversion.Secrets, read.Files, read.ReadsEnvironment);
    }

    // As the documentation has them, whatever the order of the manager's keys.
    private static OrderedDictionary<string, object> InOrder(OrderedDictionary<string, object> values)
        => new(Settings.All.Select(s => s.Key.Split('.')[0]).Distinct().Where(values.ContainsKey).Select(k => KeyValuePair.Create(k, values[k])));

    private sealed class Conversion(ConfigurationReader read, string hiveId, string folder)
    {
        public List<ConvertedSecret> Secrets { get; } = [];

        public OrderedDictionary<string, object> Convert()
        {
            var values = new OrderedDictionary<string, object>();
            foreach (var setting in HiveManagerSettings.All.Where(s => !s.Setting.Key.Contains("[]", StringComparison.Ordinal)))
                foreach (var target in setting.Targets)
                    if (Value(setting.Setting, setting.Setting.Key, target) is { } value)
                        Put(values, target, value);
            return values;
        }

        public static void Put(OrderedDictionary<string, object> values, string key, object value)
        {
            var names = key.Split('.');
            foreach (var name in names[..^1])
            {
                // A location in words gives way to one in detail.
                if (values.GetValueOrDefault(name) is not OrderedDictionary<string, object> below)
                    values[name] = below = [];
                values = below;
            }

            values[names[^1]] = value;
        }

        private object? Value(Setting setting, string key, string target) => setting.Kind switch
        {
            SettingKind.Mappings => Mappings(setting, key),
            SettingKind.Secret => read.Secret(key) is { } secret ? Reference(secret, target) : null,
            SettingKind.List => read.List(key) is { Count: > 0 } && read.Raw(key) is { } raw ? Texts(raw) : null,
            _ when setting.Several && read.IsSet(key) && read.Raw(key) is YamlList raw => Texts(raw),
            // As it stands there: a ${VARIABLE} stays one.
            _ => read.IsSet(key) && read.Raw(key) is YamlText { Text: { } text } ? Typed(setting.Kind, text) : null,
        };

        private List<object>? Mappings(Setting setting, string key)
        {
            var below = setting.Key + "[].";
            var list = new List<object>();
            foreach (var element in read.Mappings(key))
            {
                var values = new OrderedDictionary<string, object>();
                foreach (var child in HiveManagerSettings.Table.All.Where(s => s.Key.StartsWith(below, StringComparison.Ordinal)))
                {
                    var name = child.Key[below.Length..];
                    if (!name.Contains("[]", StringComparison.Ordinal) && Value(child, $"{element}.{name}", $"{element}.{name}") is { } value)
                        Put(values, name, value);
                }

                list.Add(values);
            }

            return list.Count > 0 ? list : null;
        }

        private static List<object> Texts(YamlNode raw)
            => [.. (raw is YamlList list ? list.Items : [raw]).OfType<YamlText>().Select(t => (object)t.Text!)];

        private static object Typed(SettingKind kind, string text) => kind switch
        {
            SettingKind.Boolean when Configuration.Values.ReadFlag(text) is { } flag => flag,
            SettingKind.WholeNumber or SettingKind.Number when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => text,
        };

        private OrderedDictionary<string, object> Reference(Secret secret, string target)
        {
            switch (secret.Origin)
            {
                case SecretOrigin.Environment:
                    return new() { ["env"] = secret.Reference };
                case SecretOrigin.Command:
                    return new() { ["command"] = (List<string>)[secret.Reference, .. secret.Arguments ?? []] };
                case SecretOrigin.File:
                    return new() { ["file"] = Path.GetRelativePath(folder, secret.Reference) };
                default:
                    // Named after its key, so that whoever looks into the folder knows what is what.
                    var file = $"secrets/{hiveId}/{target.Replace('[', '.').Replace("]", "", StringComparison.Ordinal)}";
                    Secrets.Add(new ConvertedSecret(file, secret));
                    return new() { ["file"] = file };
            }
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace W4b.Image.Configuration;

/// <summary>
/// The JSON Schema (draft 2020-12) of a hive's YAML, made from the table, for editors that complete and check while one writes. It
/// knows forms, choices and ranges; the build knows the rest.
/// </summary>
public static class HiveSchema
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text.</summary>
    public static string Text()
    {
        var root = Mapping("");
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "title", "A hive's image");
        root["$defs"] = new JsonObject
        {
            ["variable"] = new JsonObject { ["description"] = "A text with ${NAME} or ${NAME:-default} from the environment.", ["type"] = "string", ["pattern"] = @"\$\{[A-Za-z_]" },
            ["secret"] = Secret(),
        };
        return root.ToJsonString(s_options) + "\n";
    }

    // The mapping whose keys begin with `prefix`, which ends in a dot or is empty.
    private static JsonObject Mapping(string prefix)
    {
        var properties = new JsonObject();
        var names = Settings.All.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(s => s.Key[prefix.Length..].Split('.')[0]).Where(n => !n.EndsWith("[]", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
        JsonNode others = false;
        foreach (var name in names)
        {
            if (name == "*")
                others = Property(prefix + name);
            else
                properties[name] = Property(prefix + name);
        }

        return new JsonObject { ["type"] = new JsonArray("object", "null"), ["properties"] = properties, ["additionalProperties"] = others };
    }

    private static JsonObject Property(string key)
    {
        if (Settings.Table.Find(key) is not { } setting)
            return Mapping(key + ".");
        var schema = new JsonObject { ["description"] = setting.Description };
        if (setting.Deprecated)
            schema["deprecated"] = true;
        if (setting.Default is { } value)
            schema["default"] = Default(setting.Kind, value);
        schema["anyOf"] = new JsonArray([.. Forms(setting), new JsonObject { ["type"] = "null" }]);
        return schema;
    }

    private static IEnumerable<JsonNode> Forms(Setting setting)
    {
        if (Settings.Table.IsSection(setting.Key) && setting.Kind != SettingKind.Mappings)
            yield return Mapping(setting.Key + ".");
        switch (setting.Kind)
        {
            case SettingKind.Mappings:
                yield return new JsonObject { ["type"] = "array", ["items"] = Mapping(setting.Key + "[].") };
                break;
            case SettingKind.List:
                yield return new JsonObject { ["type"] = "array", ["items"] = Scalar(setting) };
                yield return Scalar(setting);
                break;
            case SettingKind.Secret:
                yield return new JsonObject { ["$ref"] = "#/$defs/secret" };
                break;
            default:
                yield return Scalar(setting);
                if (setting.Several)
                    yield return new JsonObject { ["type"] = "array", ["items"] = Scalar(setting) };
                if (setting.Kind != SettingKind.Text || setting.OneOf is not null)
                    yield return new JsonObject { ["$ref"] = "#/$defs/variable" };
                break;
        }
    }

    private static JsonObject Scalar(Setting setting)
    {
        if (setting.OneOf is { } allowed)
            return new JsonObject { ["enum"] = new JsonArray([.. allowed.Select(a => JsonValue.Create(a))]) };
        var schema = new JsonObject
        {
            ["type"] = setting.Kind switch
            {
                SettingKind.Boolean => "boolean",
                SettingKind.WholeNumber => "integer",
                SettingKind.Number => "number",
                // 22 and 4 are numbers to an editor.
                _ => new JsonArray("string", "number"),
            },
        };
        if (setting.Least is { } least)
            schema["minimum"] = least;
        if (setting.Most is { } most)
            schema["maximum"] = most;
        return schema;
    }

    private static JsonObject Secret() => new()
    {
        ["description"] = "A secret: better a reference than the text itself.",
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string" },
            Reference("file", "Path of a file that holds it, relative to this file.", new JsonObject { ["type"] = "string" }),
            Reference("env", "Environment variable that holds it.", new JsonObject { ["type"] = "string" }),
            Reference("command", "Program and arguments that print it.",
                new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["minItems"] = 1 })),
    };

    private static JsonObject Reference(string name, string description, JsonObject form)
    {
        form["description"] = description;
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [name] = form },
            ["required"] = new JsonArray(name),
            ["additionalProperties"] = false,
        };
    }

    private static JsonValue Default(SettingKind kind, string value) => kind switch
    {
        SettingKind.Boolean => JsonValue.Create(Values.ReadFlag(value)!.Value),
        SettingKind.WholeNumber => JsonValue.Create(int.Parse(value, System.Globalization.CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(value),
    };
}

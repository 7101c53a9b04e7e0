using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Download;

namespace W4b.Image.Steps;

/// <summary>The inputs of a stage as <see cref="StageRecord"/> compares them: each value of a file of the configuration by its path, each secret and each file by a keyed hash.</summary>
internal static class StageInputs
{
    /// <summary>The values of a file such as image.json. Secrets stand in it as references: their values are read here, to be hashed.</summary>
    public static IReadOnlyList<StageInput> OfJson(string file)
    {
        var inputs = new List<StageInput>();
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        Add(document.RootElement, "", Path.GetDirectoryName(file)!, inputs);
        return inputs;
    }

    /// <summary>A value as it may be shown: of a URL with a password or a query, which may be a signature, the rest and a keyed hash of it all.</summary>
    public static string Shown(string value, string objFolder)
        => Uri.TryCreate(value, UriKind.Absolute, out var url) && (url.UserInfo.Length > 0 || url.Query.Length > 0)
            ? $"{DownloadUrl.Shown(url)}#{SecretFingerprint.Hash(value, objFolder)[..12]}" : value;

    /// <summary>A file by its content.</summary>
    public static StageInput OfFile(string name, string path, string objFolder)
        => new(name, File.Exists(path) ? SecretFingerprint.Hash(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))), objFolder) : "");

    /// <summary>An image by its name and the time at which it was written: what is written again under the same name is not the same file.</summary>
    public static StageInput OfImage(string path)
        => new("image", $"{Path.GetFileName(path)}@{File.GetLastWriteTimeUtc(path):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

    private static void Add(JsonElement element, string path, string objFolder, List<StageInput> inputs)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when IsSecret(element):
                inputs.Add(new StageInput(path, Hash(element.Deserialize<Secret>(ImageJson.Options)!, objFolder)));
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    Add(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", objFolder, inputs);
                break;
            case JsonValueKind.Array when element.EnumerateArray().All(e => e.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)):
                inputs.Add(new StageInput(path, string.Join(' ', element.EnumerateArray().Select(e => Shown(e.ToString(), objFolder)))));
                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in element.EnumerateArray().Index())
                    Add(item, $"{path}[{index}]", objFolder, inputs);
                break;
            default:
                inputs.Add(new StageInput(path, Shown(element.ToString(), objFolder)));
                break;
        }
    }

    // What a program prints may cost a person's touch of a key: image.json has a fingerprint of it.
    private static string Hash(Secret secret, string objFolder)
        => secret.Origin == SecretOrigin.Command ? secret.Reference : SecretFingerprint.Hash(secret.Resolve(), objFolder);

    private static bool IsSecret(JsonElement element)
        => element.TryGetProperty("origin", out _) && element.TryGetProperty("reference", out _) && element.TryGetProperty("location", out _);
}

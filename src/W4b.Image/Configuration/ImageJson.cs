using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace W4b.Image.Configuration;

/// <summary>The files by which the targets of a build hand the configuration over. Secrets stand in them as references only.</summary>
public static class ImageJson
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // What others hand over is found by reflection.
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ConfigurationJson.Default, new DefaultJsonTypeInfoResolver()),
    };

    /// <summary>Reads a part of the configuration from <paramref name="path"/>.</summary>
    public static T Read<T>(string path)
        => JsonSerializer.Deserialize<T>(File.ReadAllText(path), Options)
            ?? throw new InvalidDataException($"{path} holds no {typeof(T).Name}.");

    /// <summary>Reads a part of the configuration from its JSON.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal static T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("It is empty.");

    /// <summary>The JSON of a part of the configuration or of a report; equal values give equal texts.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";
}

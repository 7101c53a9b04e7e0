using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace W4b.Image.Distribution.Sbom;

/// <summary>JSON whose keys are given by others' formats.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a document; equal documents give equal texts.</summary>
    public static string Write(JsonNode node) => node.ToJsonString(s_options) + "\n";

    /// <summary>A list of nodes.</summary>
    public static JsonArray Array(IEnumerable<JsonNode?> nodes) => new([.. nodes]);

    /// <summary>The node without the members whose value is null.</summary>
    public static JsonObject Object(params (string Key, JsonNode? Value)[] members)
        => new(members.Where(m => m.Value is not null).Select(m => KeyValuePair.Create(m.Key, m.Value)));

    /// <summary>A UUID that is always the same for the same text (version 8 of RFC 9562: by a hash).</summary>
    public static Guid Uuid(string text)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

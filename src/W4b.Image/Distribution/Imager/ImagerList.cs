using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Sbom;

namespace W4b.Image.Distribution.Imager;

/// <summary>An image in Raspberry Pi Imager's list.</summary>
/// <param name="Url">Where the archive is.</param>
/// <param name="Entry">All that Imager wants to know of it.</param>
/// <param name="Siblings">URLs of earlier images of the same hive: the entry goes before the first of them, in whatever category it is.</param>
internal sealed record ListedImage(string Url, JsonObject Entry, IReadOnlyCollection<string> Siblings);

/// <summary>
/// Lists of images for Raspberry Pi Imager: one image in a <c>.rpi-imager-manifest</c>, which opens by a double click, and all of a
/// server in <c>os_list.json</c>, which Imager takes as a custom repository.
/// </summary>
internal static class ImagerList
{
    // A cell of a comb.
    private const string Icon = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0MCA0MCI+PHBhdGggZmlsbD0iI2Y1YTYyMyIgc3Ryb2tlPSIjN2E0YTAwIiBzdHJva2Utd2lkdGg9IjIiIGQ9Ik0yMCAybDE1LjYgOXYxOEwyMCAzOCA0LjQgMjlWMTF6Ii8+PC9zdmc+";

    // What tells of the bytes behind the URL; all else may be written by hand.
    private static readonly string[] s_facts = ["extract_size", "extract_sha256", "image_download_size", "image_download_sha256", "release_date", "init_format"];

    /// <summary>The entry of an image.</summary>
    /// <param name="facts">The image.</param>
    /// <param name="url">Where its archive is: https, http or file.</param>
    public static JsonObject Entry(ImageFacts facts, string url) => JsonText.Object(
        ("name", string.Create(CultureInfo.InvariantCulture, $"{facts.HiveId}, {facts.Time.UtcDateTime:yyyy-MM-dd HH:mm}")),
        ("description", $"{facts.Hostname}: W4B hive for Raspberry Pi {facts.PiModel}, {facts.Architecture}"),
        ("icon", Icon),
        ("url", url),
        ("extract_size", facts.Image.Bytes),
        ("extract_sha256", facts.Image.Sha256),
        ("image_download_size", facts.Archive.Bytes),
        ("image_download_sha256", facts.Archive.Sha256),
        ("release_date", facts.Time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        // Who the hive is stands in the image: Imager must not offer to change it.
        ("init_format", "none"),
        ("devices", JsonText.Array([$"pi{facts.PiModel}-{(facts.Architecture == "armhf" ? "32bit" : "64bit")}"])),
        ("architecture", facts.Architecture == "armhf" ? "armhf" : "armv8"));

    /// <summary>The text of a <c>.rpi-imager-manifest</c>.</summary>
    public static string Manifest(ImageFacts facts, string url) => JsonText.Write(JsonText.Object(("os_list", JsonText.Array([Entry(facts, url)]))));

    /// <summary>
    /// A list with images added and removed. Whatever else is in it stays: other entries, categories, and what was written by hand
    /// into the entries of these images.
    /// </summary>
    /// <param name="text">The list's text; null for none yet.</param>
    /// <param name="place">The list's name, for messages.</param>
    /// <param name="added">Images to add, or to bring up to date when their URL is there.</param>
    /// <param name="removed">URLs of images that are gone.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ListUnreadable"/>.</exception>
    public static string Merge(string? text, string place, IEnumerable<ListedImage> added, IReadOnlyCollection<string> removed)
    {
        var root = text is null ? JsonText.Object(("os_list", new JsonArray())) : Parse(text, place);
        var list = root["os_list"] as JsonArray
            ?? throw DiagnosticCode.ListUnreadable.Error($"{place} has no list \"os_list\". It was left as it is.");
        foreach (var image in added)
        {
            if (Find(list, e => UrlOf(e) == image.Url) is { } known)
            {
                foreach (var key in s_facts)
                    known.Array[known.Index]![key] = image.Entry[key]?.DeepClone();
                continue;
            }

            var (array, index) = Find(list, e => UrlOf(e) is { } url && image.Siblings.Contains(url)) ?? (list, list.Count);
            array.Insert(index, image.Entry.DeepClone());
        }

        while (Find(list, e => UrlOf(e) is { } url && removed.Contains(url)) is { } gone)
            gone.Array.RemoveAt(gone.Index);
        return JsonText.Write(root);
    }

    private static JsonObject Parse(string text, string place)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw DiagnosticCode.ListUnreadable.Error($"{place} is no JSON object. It was left as it is.");
        }
        catch (JsonException e)
        {
            throw DiagnosticCode.ListUnreadable.Error(
                $"{place} is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}. It was left as it is.", inner: e);
        }
    }

    private static string? UrlOf(JsonNode? entry) => entry is JsonObject e && e["url"] is JsonValue value && value.TryGetValue(out string? url) ? url : null;

    // Categories hold lists of their own.
    private static (JsonArray Array, int Index)? Find(JsonArray list, Func<JsonNode?, bool> wanted)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (wanted(list[i]))
                return (list, i);
            if (list[i] is JsonObject category && category["subitems"] is JsonArray below && Find(below, wanted) is { } found)
                return found;
        }

        return null;
    }
}

using System.Text.Json;

namespace W4b.Image.Layers.Locking;

/// <summary>What <c>pip install --report</c> says of an installation (pip's Installation Report, version 1). Pure.</summary>
internal static class PipReport
{
    /// <summary>The packages that were installed.</summary>
    public static IReadOnlyList<LockedWheel> Parse(string json)
    {
        using var report = JsonDocument.Parse(json);
        return [.. report.RootElement.GetProperty("install").EnumerateArray().Select(Wheel).OrderBy(w => w.Name, StringComparer.Ordinal)];
    }

    private static LockedWheel Wheel(JsonElement item)
    {
        var (download, metadata) = (item.GetProperty("download_info"), item.GetProperty("metadata"));
        var url = download.GetProperty("url").GetString()!;
        var sha256 = download.TryGetProperty("archive_info", out var archive) && archive.TryGetProperty("hashes", out var hashes) && hashes.TryGetProperty("sha256", out var hash)
            ? hash.GetString() : null;
        return new LockedWheel(metadata.GetProperty("name").GetString()!, metadata.GetProperty("version").GetString()!, sha256, Uri.UnescapeDataString(url[(url.LastIndexOf('/') + 1)..]));
    }
}

using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>How long it last took on this machine to make something for the cache: for a plan's guess, and for nothing else.</summary>
internal static class MakingTimes
{
    /// <summary>Notes the seconds that the making of something of a kind took.</summary>
    public static void Note(CacheFolder cache, string kind, double seconds)
        => DurableFile.Write(PathOf(cache, kind), seconds.ToString("0.0", CultureInfo.InvariantCulture));

    /// <summary>The seconds that it last took; null when it was never done here.</summary>
    public static double? Last(CacheFolder cache, string kind)
        => File.Exists(PathOf(cache, kind)) && double.TryParse(File.ReadAllText(PathOf(cache, kind)), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    private static string PathOf(CacheFolder cache, string kind) => Path.Combine(Directory.CreateDirectory(Path.Combine(cache.Root, "times")).FullName, kind);
}

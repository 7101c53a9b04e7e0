using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Steps;

/// <summary>The cache's limits, as the configuration's step hands them to those that fill the cache.</summary>
internal static class CacheLimitsFile
{
    private const string Name = "cache.json";

    /// <summary>Writes the limits.</summary>
    public static void Write(string objFolder, CacheLimits limits) => ContentFile.WriteWhenDifferent(Path.Combine(objFolder, Name), ImageJson.Write(limits));

    /// <summary>Keeps the cache within the limits, if there are any.</summary>
    public static void Apply(string objFolder, CacheFolder cache, IBuildLog log)
    {
        if (Path.Combine(objFolder, Name) is var file && File.Exists(file))
            CacheTrimming.Apply(ImageJson.Read<CacheLimits>(file), cache, log);
    }
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: the base image is a file named by its configuration.</summary>
public static class FetchBaseStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<string> RunAsync(string baseJson, string cacheFolder, bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        var configuration = FakeConfiguration.Read(baseJson);
        configuration.Run("FetchBase", log);
        log.Info($"FetchBase, native twins: {nativeTwins}");
        var image = Path.Combine(Directory.CreateDirectory(Path.Combine(cacheFolder, "base")).FullName, configuration["base"] + ".img");
        if (!File.Exists(image))
            await File.WriteAllTextAsync(image, "base", ct).ConfigureAwait(false);
        return image;
    }
}

using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Debian;
using W4b.Image.Layers.Download;
using W4b.Image.Sandbox;

namespace W4b.Image.Steps;

/// <summary>The base image comes into the cache: downloaded and verified, or built from Debian packages.</summary>
public static class FetchBaseStep
{
    /// <summary>Returns the path of the base image in the cache, a raw image named by its sha256.</summary>
    /// <exception cref="W4bException">It cannot be had; nothing unfinished stays in the cache.</exception>
    public static async Task<string> RunAsync(string baseJson, string cacheFolder, bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        var configuration = ImageJson.Read<BaseImageConfiguration>(baseJson);
        var cache = new CacheFolder(cacheFolder);
        var record = new StageRecord(Path.GetDirectoryName(baseJson)!, "FetchBaseImage", StageInputs.OfJson(baseJson));
        record.Explain(log);
        var image = await ObtainAsync(configuration, Later(Path.GetDirectoryName(baseJson)!), cache, nativeTwins, log, ct).ConfigureAwait(false);
        record.Complete();
        return image;
    }

    // What the next stage will install, as far as it has names in the repositories.
    private static IReadOnlyList<string> Later(string objFolder)
        => Path.Combine(objFolder, "software.json") is var software && File.Exists(software)
            ? [.. LayerSteps.Packages(ImageJson.Read<SoftwareInputs>(software).Software).Where(p => !p.StartsWith('/'))] : [];

    private static async Task<string> ObtainAsync(BaseImageConfiguration configuration, IReadOnlyList<string> later, CacheFolder cache, bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        if (configuration.Debian is { } debian)
        {
            var architecture = ArchitectureExtensions.Parse(configuration.Architecture);
            return await new DebianBaseCache(cache, log).ObtainAsync(new DebianBase(debian, architecture), later, nativeTwins,
                () => HostRequirements.RequireForDebianBase(architecture), ct).ConfigureAwait(false);
        }

        using var download = new BaseImageDownload();
        var images = new BaseImageCache(download, cache, log);
        async Task<BaseImage> UnpackedAsync() => await images.ObtainAsync(configuration.Download!, ct).ConfigureAwait(false);
        var image = await UnpackedAsync().ConfigureAwait(false);
        // One that is damaged, or was removed before this build held it, is unpacked again.
        for (var tries = 1; !CacheUses.Take(cache, image.Path, image.Sha256.ToString(), log); tries++)
            image = tries < 3 ? await UnpackedAsync().ConfigureAwait(false)
                : throw DiagnosticCode.CacheDamaged.Error($"{image.Path} was unpacked {tries} times, and each time it was not what it was.");
        return image.Path;
    }
}

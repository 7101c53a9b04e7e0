using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Debian;

/// <summary>Base images made of Debian packages, in the cache: built once, named by their sha256.</summary>
internal sealed class DebianBaseCache(CacheFolder cache, IBuildLog log)
{
    /// <summary>The path of the image that <paramref name="recipe"/> makes, from the cache when it is there; else <paramref name="require"/> asks what the host lacks, and it is built.</summary>
    public async Task<string> ObtainAsync(DebianBase recipe, bool nativeTwins, Action require, CancellationToken cancellation)
    {
        using var held = await cache.LockAsync($"debian-{recipe.Id}", log, cancellation).ConfigureAwait(false);
        // The recipe's id leads to the image's sha256, which names the image.
        var reference = Path.Combine(cache.Base, $"debian-{recipe.Id}");
        if (File.Exists(reference) && ImagePath(File.ReadAllText(reference)) is var known && File.Exists(known))
        {
            log.Info($"The base image is in the cache: {known}");
            return known;
        }

        require();
        await WorkTrees.SweepAsync(cache, log, cancellation).ConfigureAwait(false);
        var work = Path.Combine(cache.Work, $"debian-{recipe.Id}");
        var partial = Path.Combine(cache.Base, $"debian-{recipe.Id}.partial");
        var logFile = partial + ".log";
        File.Delete(logFile);
        using (var kept = new LogFile(log, logFile))
            await recipe.BuildAsync(partial, work, nativeTwins ? cache : null, kept, cancellation).ConfigureAwait(false);
        var sha256 = ContentFile.Sha256OfFile(partial);
        File.Move(logFile, Path.ChangeExtension(ImagePath(sha256), ".log"), overwrite: true);
        File.Move(partial, ImagePath(sha256), overwrite: true);
        ContentFile.WriteAtomically(reference, sha256);
        return ImagePath(sha256);
    }

    private string ImagePath(string sha256) => Path.Combine(cache.Base, sha256 + ".img");
}

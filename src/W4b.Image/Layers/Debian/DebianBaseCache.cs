using System.Diagnostics;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Debian;

/// <summary>Base images made of Debian packages, in the cache: built once, named by their sha256.</summary>
internal sealed class DebianBaseCache(CacheFolder cache, IBuildLog log)
{
    // The packages, the tree, and the image of it.
    private const long RoomToMake = 3L << 30;

    // Its name is its sha256, so any other content is damage.
    private bool IsThere(string image) => CacheUses.Take(cache, image, Path.GetFileNameWithoutExtension(image), log);

    /// <summary>Its name among <see cref="MakingTimes"/>.</summary>
    public const string Kind = "debian-base";

    /// <summary>The path of the image that <paramref name="recipe"/> makes when it is in the cache; nothing is made.</summary>
    public string? Find(DebianBase recipe)
        => Reference(recipe) is var reference && File.Exists(reference) && ImagePath(File.ReadAllText(reference)) is var image && File.Exists(image) ? image : null;

    // The recipe's id leads to the image's sha256, which names the image.
    private string Reference(DebianBase recipe) => Path.Combine(cache.Base, $"debian-{recipe.Id}");

    /// <summary>The path of the image that <paramref name="recipe"/> makes, from the cache when it is there; else <paramref name="require"/> asks what the host lacks, and it is built, while the packages <c>later</c> of the layer over it are downloaded.</summary>
    public async Task<string> ObtainAsync(DebianBase recipe, IReadOnlyList<string> later, bool nativeTwins, Action require, CancellationToken cancellation)
    {
        using var held = await cache.LockAsync($"debian-{recipe.Id}", log, cancellation).ConfigureAwait(false);
        if (Find(recipe) is { } known && IsThere(known))
        {
            log.Info($"The base image is in the cache: {known}");
            return known;
        }

        require();
        DiskSpace.Require(cache.Root, RoomToMake, "Making a Debian base");
        var started = Stopwatch.StartNew();
        await WorkTrees.SweepAsync(cache, log, cancellation).ConfigureAwait(false);
        var work = Path.Combine(cache.Work, $"debian-{recipe.Id}");
        var partial = Path.Combine(cache.Base, $"debian-{recipe.Id}.partial");
        var logFile = partial + ".log";
        File.Delete(logFile);
        using (var kept = new LogFile(log, logFile))
            await recipe.BuildAsync(partial, work, cache, nativeTwins, later, kept, cancellation).ConfigureAwait(false);
        var sha256 = ContentFile.Sha256OfFile(partial);
        File.Move(logFile, Path.ChangeExtension(ImagePath(sha256), ".log"), overwrite: true);
        DurableFile.Move(partial, ImagePath(sha256));
        CacheSeal.Write(ImagePath(sha256), sha256);
        ContentFile.WriteAtomically(Reference(recipe), sha256);
        MakingTimes.Note(cache, Kind, started.Elapsed.TotalSeconds);
        return IsThere(ImagePath(sha256)) ? ImagePath(sha256) : throw DiagnosticCode.CacheDamaged.Error($"{ImagePath(sha256)} was changed as soon as it was written.");
    }

    private string ImagePath(string sha256) => Path.Combine(cache.Base, sha256 + ".img");
}

using System.Text.Json;
using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers.Cache;
using W4b.Image.Tools;

namespace W4b.Image.Layers;

/// <summary>
/// A software layer, compressed, and its block map: once for each level, beside its image. A hive's archive takes over the blocks in which the hive
/// does not differ, and its map their hashes, so a hive costs its difference.
/// </summary>
internal sealed class LayerArchive : IDisposable
{
    private readonly string _mapFile;

    private LayerArchive(XzReference reference, string mapFile) => (Reference, _mapFile, Map) = (reference, mapFile, ReadMap(mapFile));

    /// <summary>The archive.</summary>
    public XzReference Reference { get; }

    /// <summary>The layer's block map; an empty one when it is lost.</summary>
    public BlockMap Map { get; }

    /// <summary>The cache that a layer is in.</summary>
    public static CacheFolder CacheOf(string layerImage)
        => new(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(layerImage)!)!));

    /// <summary>Whether the layer's archive is there, so that nobody waits for it.</summary>
    public static bool IsThere(string layerFolder, int level)
    {
        using var reference = XzReference.Open(XzReference.PathIn(layerFolder, level));
        return reference is not null;
    }

    /// <summary>Opens the layer's archive; makes it when it is not there. Only one build makes it, the others wait.</summary>
    /// <param name="layerImage">The layer's image in the cache.</param>
    /// <param name="options">How the hive's image is compressed; the layer's is compressed the same.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="cancellation">Stops the compression.</param>
    public static async Task<LayerArchive> OpenAsync(string layerImage, XzOptions options, IBuildLog log, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(layerImage)!;
        var cache = CacheOf(layerImage);
        if (!CacheUses.Take(cache, folder, null, log))
            throw DiagnosticCode.CacheDamaged.Error($"The software layer {folder} is damaged, or was removed while this build began.");
        var archive = XzReference.PathIn(folder, options.Level);
        if (Open(archive) is { } there)
            return there;
        var name = $"{Path.GetFileName(archive)}-{Path.GetFileName(folder)}";
        using var held = await cache.LockAsync(name, log, cancellation).ConfigureAwait(false);
        if (Open(archive) is { } madeMeanwhile)
            return madeMeanwhile;
        await WorkTrees.SweepAsync(cache, log, cancellation).ConfigureAwait(false);
        log.Info($"Compressing the software layer with xz level {options.Level}: once, for all its hives.");
        // What the layer's making needed.
        HostMemory.GiveBack();
        // The layer holds no secret.
        var work = Directory.CreateDirectory(Path.Combine(cache.Work, name)).FullName;
        try
        {
            var made = Path.Combine(work, Path.GetFileName(archive));
            var result = await XzCompressor.CompressAsync(layerImage, made, options with { Mode = XzOptions.Shared, Places = ArchivePlaces.Of(layerImage) }, log, cancellation).ConfigureAwait(false);
            DurableFile.Write(MapOf(archive), ImageJson.Write(BlockMap.Of(layerImage, cancellation)));
            DurableFile.Move(made, archive);
            XzReference.Complete(archive, result);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        // Its buffers: who asked for the archive now makes one of its own, and the collector need not have come by.
        HostMemory.GiveBack();
        return Open(archive)!;
    }

    /// <summary>Deletes it: the next build makes it anew.</summary>
    public void Discard()
    {
        Reference.Discard();
        File.Delete(_mapFile);
    }

    /// <inheritdoc/>
    public void Dispose() => Reference.Dispose();

    private static LayerArchive? Open(string archive) => XzReference.Open(archive) is { } reference ? new LayerArchive(reference, MapOf(archive)) : null;

    private static BlockMap ReadMap(string file)
    {
        try
        {
            return ImageJson.Read<BlockMap>(file);
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            // Without it a hive's map costs more, and is the same.
            return new BlockMap(0, []);
        }
    }

    private static string MapOf(string archive) => archive + ".map.json";
}

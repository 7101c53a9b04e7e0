using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Distribution.Contents;
using W4b.Image.Layers;
using W4b.Image.Tools;

namespace W4b.Image.Steps;

/// <summary>An image's archive, and what is found out of the image while it is made.</summary>
/// <param name="Result">Sizes, hashes and blocks of the archive.</param>
/// <param name="Contents">What is in the image.</param>
/// <param name="Map">The image's block map.</param>
internal sealed record ImageArchive(XzResult Result, ImageContents Contents, BlockMap Map)
{
    private static int s_made;

    /// <summary>Makes it by difference to its software layer.</summary>
    /// <param name="image">The image.</param>
    /// <param name="archive">Where the archive appears when it is complete.</param>
    /// <param name="layerImage">The layer that the image was made from.</param>
    /// <param name="choice">Level, threads and memory.</param>
    /// <param name="cores">From what the threads are taken.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="ct">Stops it; nothing is left.</param>
    /// <exception cref="W4bException">liblzma is missing, or the disk is full.</exception>
    public static async Task<ImageArchive> MakeAsync(string image, string archive, string layerImage, CompressionChoice choice, ICoreBudget cores, IBuildLog log, CancellationToken ct)
    {
        HostMemory.KeepLittle();
        // A process builds many hives of a fleet. What the last one needed is a hundred MiB.
        if (Interlocked.Exchange(ref s_made, 1) == 1)
            HostMemory.GiveBack();
        log.Info($"Compressing with {choice.Reason}.");
        var options = new XzOptions { Level = choice.Level, Threads = choice.Threads, MemoryLimit = choice.MemoryLimit, Cores = cores, Mode = SparseFile.OwnerOnly };
        using var layer = await LayerArchive.OpenAsync(layerImage, options, log, ct).ConfigureAwait(false);
        options = options with { Reference = layer.Reference, Places = ArchivePlaces.Of(image) };
        var reading = ImageContents.ReadAsync(image, ct);
        var compressing = XzCompressor.CompressAsync(image, archive, options, log, ct);
        await Task.WhenAll(compressing, reading).ConfigureAwait(false);
        var result = await compressing.ConfigureAwait(false);
        var map = BlockMap.Of(image, layer.Map, layer.Reference.EqualRanges(result.Blocks), ct);
        log.Info($"{result.EncodedBlocks} of {result.Blocks.Count} blocks are this hive's own, {result.EncodedBytes >> 10} KiB.");
        if (layer.Reference.IsDamaged)
        {
            log.Info("The software layer's archive in the cache is damaged. Its blocks were encoded anew; the next build makes it again.");
            layer.Discard();
        }

        return new ImageArchive(result, await reading.ConfigureAwait(false), map);
    }
}

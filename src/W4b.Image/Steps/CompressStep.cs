using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;

namespace W4b.Image.Steps;

/// <summary>The validated image becomes what goes to the card writer.</summary>
public static class CompressStep
{
    // Of the levels the one with the best use of time: 6 takes three times as long for some 5 % less.
    private const int DefaultLevel = 3;

    /// <summary>
    /// Writes <c>NAME.img.xz</c> into <paramref name="outputFolder"/>, and beside it <c>.img.xz.sha256</c>, <c>.json</c> and <c>.log</c>.
    /// The archive appears last, by renaming.
    /// </summary>
    /// <returns>The archive's path.</returns>
    /// <exception cref="W4bException">liblzma is missing, or the disk is full.</exception>
    public static async Task<string> RunAsync(string imageJson, string image, string outputFolder, string objFolder, int? level, IBuildLog log,
        CancellationToken ct)
    {
        var hive = ImageJson.Read<HiveConfiguration>(imageJson);
        var layer = ImageJson.Read<LayerInfo>(Path.Combine(objFolder, "layer.json"));
        Directory.CreateDirectory(outputFolder);
        var name = Path.GetFileNameWithoutExtension(image);
        var archive = Path.Combine(outputFolder, name + ".img.xz");
        var staged = Path.Combine(objFolder, name + ".img.xz");
        var options = new XzOptions { Level = level ?? DefaultLevel, Threads = Environment.ProcessorCount, Mode = SparseFile.OwnerOnly };
        log.Info($"Compressing with xz level {options.Level} on {options.Threads} cores.");
        var result = await XzCompressor.CompressAsync(image, staged, options, log, ct).ConfigureAwait(false);

        var manifest = ImageManifest.Create(name, hive, layer, result);
        ContentFile.WriteAtomically(Path.Combine(outputFolder, name + ".json"), ImageJson.Write(manifest));
        ContentFile.WriteAtomically(archive + ".sha256", $"{result.ArchiveSha256}  {Path.GetFileName(archive)}\n");
        WriteLog(objFolder, Path.Combine(outputFolder, name + ".log"));
        File.Move(staged, archive, overwrite: true);
        return archive;
    }

    // The logs of the targets, in the order in which they last ran.
    private static void WriteLog(string objFolder, string path)
    {
        using var log = File.Create(path + ".partial");
        foreach (var part in new DirectoryInfo(Path.Combine(objFolder, "log")).GetFiles("*.log").OrderBy(f => f.LastWriteTimeUtc))
        {
            using var stream = new FileStream(part.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.CopyTo(log);
        }

        log.Dispose();
        File.Move(path + ".partial", path, overwrite: true);
    }
}

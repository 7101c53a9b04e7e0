using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Customization;
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
    /// Writes <c>NAME.img.xz</c> into <paramref name="outputFolder"/>, and beside it <c>.img.xz.sha256</c>, <c>.json</c> and <c>.log</c>;
    /// and <c>hub-peer.conf</c> into <paramref name="objFolder"/> when there is a tunnel.
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
        using var reference = await LayerArchive.OpenAsync(LayerImage(objFolder), options, log, ct).ConfigureAwait(false);
        log.Info($"Compressing with xz level {options.Level} on {options.Threads} cores.");
        var result = await XzCompressor.CompressAsync(image, staged, options with { Reference = reference }, log, ct).ConfigureAwait(false);
        log.Info($"{result.EncodedBlocks} of {result.Blocks.Count} blocks of {XzCompressor.BlockSize >> 20} MiB are this hive's own.");
        if (reference.IsDamaged)
        {
            log.Info("The software layer's archive in the cache is damaged. Its blocks were encoded anew; the next build makes it again.");
            reference.Discard();
        }

        var peer = HivePlans.Create(hive, layer, log).Peer;
        var manifest = ImageManifest.Create(name, hive, layer, result, peer?.PublicKey);
        File.Delete(Path.Combine(objFolder, "hub-peer.conf"));
        if (peer is not null)
            ContentFile.WriteAtomically(Path.Combine(objFolder, "hub-peer.conf"), peer.Section(hive));
        ContentFile.WriteAtomically(Path.Combine(outputFolder, name + ".json"), ImageJson.Write(manifest));
        ContentFile.WriteAtomically(archive + ".sha256", $"{result.ArchiveSha256}  {Path.GetFileName(archive)}\n");
        WriteLog(objFolder, layer.BaseSha256, Path.Combine(outputFolder, name + ".log"));
        File.Move(staged, archive, overwrite: true);
        return archive;
    }

    private static string LayerImage(string objFolder) => File.ReadAllText(Path.Combine(objFolder, "layer.path")).Trim();

    // How base and layer were made, whichever build did it, and then the logs of the targets in the order in which they last ran.
    private static void WriteLog(string objFolder, string baseSha256, string path)
    {
        var layerFolder = Path.GetDirectoryName(LayerImage(objFolder))!;
        string[] made = [Path.Combine(layerFolder, "..", "..", "base", baseSha256 + ".log"), Path.Combine(layerFolder, SoftwareLayer.LogName)];
        var targets = new DirectoryInfo(Path.Combine(objFolder, "log")).GetFiles("*.log")
            .Where(f => f.Name is not ("FetchBaseImage.log" or "InstallSoftware.log")).OrderBy(f => f.LastWriteTimeUtc).Select(f => f.FullName);
        using (var log = new StreamWriter(path + ".partial"))
            foreach (var part in made.Where(File.Exists).Concat(targets))
            {
                log.WriteLine($"=== {Path.GetFileName(part)}");
                using var stream = new FileStream(part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(stream);
                while (reader.ReadLine() is { } line)
                    log.WriteLine(line);
            }

        File.Move(path + ".partial", path, overwrite: true);
    }
}

using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Distribution;
using W4b.Image.Distribution.Contents;
using W4b.Image.Distribution.Report;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Provenance;
using W4b.Image.Validation;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Steps;

/// <summary>The validated image becomes what goes to the card writer.</summary>
public static class CompressStep
{
    /// <summary>
    /// Writes <c>NAME.img.xz</c> into <paramref name="outputFolder"/>, and beside it <c>.img.xz.sha256</c>, <c>.json</c>, <c>.provenance.json</c>, <c>.log</c>, the files of
    /// <see cref="DeliveryFiles"/>, <c>.report.html</c> and
    /// <c>.timings.json</c>, how long each stage took: apart from the manifest, which is the same for the same image; and
    /// <c>hub-peer.conf</c> into <paramref name="objFolder"/> when there is a tunnel.
    /// The archive appears last, by renaming.
    /// </summary>
    /// <param name="imageJson">The configuration.</param>
    /// <param name="projectFolder">The project's folder, whose commit the provenance names.</param>
    /// <param name="image">The finished image.</param>
    /// <param name="outputFolder">The folder for the results.</param>
    /// <param name="objFolder">The folder that holds the build's logs and reports.</param>
    /// <param name="level">The xz level, 0 to 9; null for the default.</param>
    /// <param name="begun">The archive, when it was begun before; with null, or one of something else, it is made now.</param>
    /// <param name="cores">From what the threads are taken.</param>
    /// <param name="signingKey">The secret key's file; null for no signature.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The archive's path.</returns>
    /// <exception cref="W4bException">liblzma is missing, or the disk is full.</exception>
    public static async Task<string> RunAsync(string imageJson, string projectFolder, string image, string outputFolder, string objFolder, int? level, BegunArchive? begun, ICoreBudget cores,
        string? signingKey, IBuildLog log, CancellationToken ct)
    {
        var clock = new StageClock("CompressImage");
        var hive = ImageJson.Read<HiveConfiguration>(imageJson);
        var layer = ImageJson.Read<LayerInfo>(Path.Combine(objFolder, "layer.json"));
        Directory.CreateDirectory(outputFolder);
        var name = Path.GetFileNameWithoutExtension(image);
        var archive = Path.Combine(outputFolder, name + ".img.xz");
        var staged = StagedArchive(image, objFolder);
        var choice = CompressionChoice.ForThisMachine(level);
        var record = new StageRecord(objFolder, "CompressImage", [StageInputs.OfImage(image), new("level", $"{choice.Level}")]);
        record.Explain(log);
        // What can be known before it is there: an archive that was begun is made meanwhile.
        var plans = HivePlans.Create(hive, layer, log);
        var peer = plans.Peer;
        var revision = await SourceRevision.FindAsync(projectFolder, [objFolder, outputFolder], log, ct).ConfigureAwait(false);
        var (result, contents, map) = (begun is null ? null : await begun.TakeAsync(image, choice.Level, log, ct).ConfigureAwait(false))
            ?? await ImageArchive.MakeAsync(image, staged, LayerImage(objFolder), choice, cores, log, ct).ConfigureAwait(false);
        RequireUndamaged(image, result.RawSha256, objFolder);
        var manifest = ImageManifest.Create(name, hive, layer, result, peer?.PublicKey);
        File.Delete(Path.Combine(objFolder, "hub-peer.conf"));
        if (peer is not null)
            ContentFile.WriteAtomically(Path.Combine(objFolder, "hub-peer.conf"), peer.Section(hive));
        ContentFile.WriteAtomically(Path.Combine(outputFolder, name + ".json"), ImageJson.Write(manifest));
        ProvenanceFile.Write(Path.Combine(outputFolder, name + ".provenance.json"),
            [(manifest.Archive.File, manifest.Archive.Sha256), (manifest.Image.File, manifest.Image.Sha256)], objFolder, hive, layer, revision);
        var facts = FactsOf(manifest, hive) with { HoldsSecrets = plans.HoldsSecrets };
        ContentFile.WriteAtomically(Path.Combine(objFolder, ImageFacts.FileName), ImageJson.Write(facts));
        await DeliveryFiles.WriteAsync(facts, map, contents, staged, outputFolder, hive.Output.DownloadServer, signingKey, log, ct).ConfigureAwait(false);
        ContentFile.WriteAtomically(archive + ".sha256", $"{result.ArchiveSha256}  {Path.GetFileName(archive)}\n");
        var times = StageTimes.Read(LogFolder(objFolder)).Where(t => t.Stage != clock.Stage).Append(clock.Elapsed).ToList();
        log.Info(StageTimes.Summary(times));
        ContentFile.WriteAtomically(Path.Combine(outputFolder, name + ".timings.json"),
            ImageJson.Write(new BuildTimings(name, result.Blocks.Count, result.EncodedBlocks, times)));
        ContentFile.WriteAtomically(Path.Combine(outputFolder, name + ".report.html"), ReportOf(facts, contents, times, objFolder));
        WriteLog(objFolder, layer.BaseSha256, Path.Combine(outputFolder, name + ".log"));
        DurableFile.Move(staged, archive);
        record.Complete();
        CacheLimitsFile.Apply(objFolder, LayerArchive.CacheOf(LayerImage(objFolder)), log);
        return archive;
    }

    /// <summary>Begins an image's archive, for <see cref="RunAsync"/> to end, so that it is made while the image is checked.</summary>
    /// <param name="image">The finished image.</param>
    /// <param name="objFolder">The folder that holds the build's logs and reports.</param>
    /// <param name="level">The xz level, 0 to 9; null for the default.</param>
    /// <param name="cores">How many processors are free.</param>
    /// <returns>Null where that would save nothing: no processor is free beside the one that checks, or the software layer is to be compressed first.</returns>
    public static BegunArchive? Begin(string image, string objFolder, int? level, int cores)
    {
        var choice = CompressionChoice.ForThisMachine(level);
        return cores > 1 && LayerArchive.IsThere(Path.GetDirectoryName(LayerImage(objFolder))!, choice.Level)
            ? new BegunArchive(image, StagedArchive(image, objFolder), LayerImage(objFolder), choice with { Threads = Math.Min(choice.Threads, cores) }) : null;
    }

    /// <summary>
    /// Nobody writes an image that has an archive. But in obj/ it is not brought to the disk: where its archive is made once more, for another level for example,
    /// the power may have failed since the first time.
    /// </summary>
    /// <param name="image">The image; deleted when it is damaged.</param>
    /// <param name="sha256">Its sha256 now.</param>
    /// <param name="objFolder">The folder with the facts of the time before.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ImageDamaged"/>.</exception>
    internal static void RequireUndamaged(string image, string sha256, string objFolder)
    {
        var file = Path.Combine(objFolder, ImageFacts.FileName);
        if (!File.Exists(file) || File.GetLastWriteTimeUtc(file) < File.GetLastWriteTimeUtc(image))
            return;
        var before = ImageJson.Read<ImageFacts>(file).Image;
        if (before.Name != Path.GetFileName(image) || before.Sha256 == sha256)
            return;
        File.Delete(image);
        throw DiagnosticCode.ImageDamaged.Error(
            $"{image} is not what it was when its archive was first made: its sha256 was {before.Sha256}, and is {sha256}. The file is deleted: build again, and it is made anew.");
    }

    private static string StagedArchive(string image, string objFolder) => Path.Combine(objFolder, Path.GetFileNameWithoutExtension(image) + ".img.xz");

    private static ImageFacts FactsOf(ImageManifest manifest, HiveConfiguration hive)
    {
        static FileFacts File(ManifestFile file) => new(file.File, file.Bytes, file.Sha256);
        return new ImageFacts(manifest.Name, manifest.HiveId, manifest.Hostname, manifest.PiModel, manifest.Architecture, hive.Output.Time(hive, manifest.Name),
            manifest.Base.Source, manifest.Base.Sha256, manifest.LayerId, manifest.ToolVersion, File(manifest.Image), File(manifest.Archive))
        {
            Components = DeliveryFiles.Public(hive.Software.Components),
        };
    }

    private static string LogFolder(string objFolder) => Path.Combine(objFolder, "log");

    private static string ReportOf(ImageFacts facts, ImageContents contents, IReadOnlyList<StageTime> times, string objFolder)
    {
        T? Read<T>(params string[] path) where T : class
            => File.Exists(Path.Combine([objFolder, .. path])) ? ImageJson.Read<T>(Path.Combine([objFolder, .. path])) : null;
        // The last image's packages stay known until there is another image.
        if (Read<PreviousBuild>("last-build.json") is { } last && last.Name != facts.Name)
            File.Move(Path.Combine(objFolder, "last-build.json"), Path.Combine(objFolder, "previous-build.json"), overwrite: true);
        ContentFile.WriteAtomically(Path.Combine(objFolder, "last-build.json"), ImageJson.Write(PreviousBuild.Of(facts.Name, contents)));
        var boot = Read<BootReport>("boot", "boot-report.json");
        return BuildReport.Write(new ReportInputs(facts, contents, times, Read<ValidationReport>("validation.json"),
            boot?.Image == facts.Image.Name ? boot : null, Read<PreviousBuild>("previous-build.json")));
    }

    private static string LayerImage(string objFolder) => File.ReadAllText(Path.Combine(objFolder, "layer.path")).Trim();

    // How base and layer were made, whichever build did it, and then the logs of the targets in the order in which they last ran.
    private static void WriteLog(string objFolder, string baseSha256, string path)
    {
        var layerFolder = Path.GetDirectoryName(LayerImage(objFolder))!;
        string[] made = [Path.Combine(layerFolder, "..", "..", "base", baseSha256 + ".log"), Path.Combine(layerFolder, SoftwareLayer.LogName)];
        var targets = new DirectoryInfo(LogFolder(objFolder)).GetFiles("*.log")
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

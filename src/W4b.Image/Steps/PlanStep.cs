using System.Globalization;
using System.Text;
using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Debian;
using W4b.Image.Layers.Download;
using W4b.Image.Layers.Locking;
using W4b.Image.Sandbox;

namespace W4b.Image.Steps;

/// <summary>What a build would do, without doing it: what runs and why, what is cached, how much room and download it needs, about how long it takes.</summary>
public static class PlanStep
{
    // What Debian's base and what it is made of take; what packages add to a layer. Only for a refusal before hours of work, so rather too much.
    private const long DebianBase = 3L << 30;
    private const long DebianDownload = 250L << 20;
    private const long Added = 1L << 29;
    private const long UnknownImage = 3L << 30;

    /// <summary>Returns the plan as text.</summary>
    /// <param name="objFolder">The folder with the configuration's files.</param>
    /// <param name="outputFolder">The folder for images.</param>
    /// <param name="cacheFolder">The cache.</param>
    /// <param name="keepsRawImage">Whether the raw image stays in <paramref name="objFolder"/> when its archive is there.</param>
    /// <param name="locking">The project's package lock; whether it will be kept to, the build says.</param>
    /// <param name="log">Receives warnings.</param>
    /// <param name="ct">Ends the question for a download's size.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.NoSpace"/>: what would run does not fit the disk.</exception>
    public static async Task<string> RunAsync(string objFolder, string outputFolder, string cacheFolder, bool keepsRawImage, LockOptions locking, IBuildLog log, CancellationToken ct)
    {
        var cache = new CacheFolder(cacheFolder);
        var (fetch, baseImage) = await PlanBaseAsync(ImageJson.Read<BaseImageConfiguration>(Path.Combine(objFolder, "base.json")), cache, log, ct).ConfigureAwait(false);
        var content = (baseImage is null ? UnknownImage / 2 : FileStamp.AllocatedBytes(baseImage)) + Added;
        var inputs = ImageJson.Read<SoftwareInputs>(Path.Combine(objFolder, "software.json"));
        var (install, layer) = PlanLayer(inputs, baseImage, content, cache, objFolder, locking);
        var archive = ImageName(objFolder) is { } name && Path.Combine(outputFolder, name + ".img.xz") is var file && File.Exists(file) ? file : null;
        var customize = PlanHive(objFolder, layer, content, keepsRawImage ? null : archive);
        var archived = layer is not null && LayerArchive.IsThere(layer, CompressionChoice.DefaultLevel);
        List<PlannedStage> stages =
        [
            fetch, install, customize,
            Follows("ValidateImage", customize, File.Exists(Path.Combine(objFolder, "validation.json")), objFolder),
            Follows("CompressImage", customize, archive is not null, objFolder) with
            {
                CacheBytes = archived ? 0 : content / 2, ProjectBytes = content / 2,
            },
        ];
        var running = stages.Where(s => s.Runs).ToList();
        // What a layer's making needs is gone when the hive's image is written; on one disk the larger of both counts, and the sum is safe.
        DiskSpace.Require(cache.Root, running.Sum(s => s.CacheBytes), "What the build adds to the cache");
        DiskSpace.Require(objFolder, running.Sum(s => s.ProjectBytes), "What the build writes in the project");
        return Text(stages, running, cache.Root, objFolder);
    }

    private static async Task<(PlannedStage Stage, string? Image)> PlanBaseAsync(BaseImageConfiguration configuration, CacheFolder cache, IBuildLog log, CancellationToken ct)
    {
        const string stage = "FetchBaseImage";
        if (configuration.Debian is { } debian)
        {
            var image = new DebianBaseCache(cache, log).Find(new DebianBase(debian, ArchitectureExtensions.Parse(configuration.Architecture)));
            return (image is not null ? Cached(stage, image) : new PlannedStage(stage, true, $"a Debian {debian.Suite} base for {configuration.Architecture} is made of packages")
            {
                CacheBytes = DebianBase, DownloadBytes = Directory.EnumerateFiles(cache.Packages).Any() ? null : DebianDownload, Seconds = MakingTimes.Last(cache, DebianBaseCache.Kind),
            }, image);
        }

        using var download = new BaseImageDownload();
        var source = configuration.Download!;
        if (new BaseImageCache(download, cache, log).Find(source) is { } there)
            return (Cached(stage, there.Path), there.Path);
        var bytes = BaseImageDownload.Find(Sha256Digest.Parse(source.Sha256), cache) is not null ? 0 : await SizeAsync(new Uri(source.Url), ct).ConfigureAwait(false);
        return (new PlannedStage(stage, true, $"{DownloadUrl.Shown(new Uri(source.Url))} is {(bytes == 0 ? "unpacked" : "downloaded and unpacked")}")
        {
            CacheBytes = UnknownImage + (bytes ?? UnknownImage / 4), DownloadBytes = bytes, Seconds = null,
        }, null);
    }

    private static (PlannedStage Stage, string? Folder) PlanLayer(SoftwareInputs inputs, string? baseImage, long content, CacheFolder cache, string objFolder, LockOptions locking)
    {
        const string stage = "InstallSoftware";
        var runs = new PlannedStage(stage, true, "the base image comes first")
        {
            CacheBytes = 3 * content, DownloadBytes = null, Seconds = MakingTimes.Last(cache, SoftwareLayerSession.Kind),
        };
        if (baseImage is null)
            return (runs, null);
        var sha256 = Path.GetFileNameWithoutExtension(baseImage);
        var requested = LayerSteps.Of(sha256, inputs);
        var layerLock = LayerLock.Open(locking with { Locked = false }, requested.Request, new LockedBase(sha256, []), new Dictionary<string, SourceLocation>());
        var steps = layerLock.Choose(lockId => LayerSteps.Of(sha256, inputs, lockId), id => IsThere(id) ? SoftwareLayer.ReadInfo(ImageOf(id)).Lock : null);
        string FolderOf(string id) => Path.Combine(cache.Layers, id);
        string ImageOf(string id) => Path.Combine(FolderOf(id), SoftwareLayer.ImageName);
        bool IsThere(string id) => File.Exists(ImageOf(id));
        if (IsThere(steps.LayerId))
            return (Cached(stage, FolderOf(steps.LayerId)), FolderOf(steps.LayerId));
        var done = steps.All.Count(s => IsThere(s.Id));
        var last = StageRecord.Last(objFolder, stage);
        var change = last is null ? null : InputChanges.Describe(last, SoftwareLayerSession.RecordedInputs(requested, inputs, layerLock.Given, objFolder));
        return (runs with
        {
            Why = $"{change ?? "this layer is not in the cache"}; from {(done == 0 ? "the base image" : $"the layer that has the {steps.All[done - 1].Kind.ToString().ToLowerInvariant()}")}",
            DownloadBytes = done == 0 ? null : 0,
        }, null);
    }

    private static PlannedStage PlanHive(string objFolder, string? layer, long content, string? archive)
    {
        const string stage = "CustomizeImage";
        var runs = new PlannedStage(stage, true, "the software layer comes first") { ProjectBytes = content, Seconds = Last(objFolder, "ConfigureHive") };
        if (layer is null)
            return runs;
        var last = StageRecord.Last(objFolder, stage);
        var change = last is null ? "for the first time in this folder"
            : InputChanges.Describe(last, ConfigureHiveStep.Inputs(Path.Combine(objFolder, "image.json"), SoftwareLayer.ReadInfo(Path.Combine(layer, SoftwareLayer.ImageName))));
        if (change is not null)
            return runs with { Why = change };
        return ImageName(objFolder) is { } name && Path.Combine(objFolder, name + ".img") is var image && File.Exists(image) ? Cached(stage, image)
            : archive is not null ? Cached(stage, archive)
            : runs with { Why = "its image is gone" };
    }

    private static PlannedStage Follows(string stage, PlannedStage before, bool isThere, string objFolder)
        => before.Runs || !isThere
            ? new PlannedStage(stage, true, before.Runs ? "the image is another" : "its result is gone") { Seconds = Last(objFolder, stage) }
            : new PlannedStage(stage, false, "done");

    private static PlannedStage Cached(string stage, string path) => new(stage, false, $"there: {path}");

    private static string? ImageName(string objFolder)
        => Path.Combine(objFolder, "image.name") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    private static double? Last(string objFolder, string task)
        => Path.Combine(objFolder, "log") is var logs && Directory.Exists(logs) ? StageTimes.Read(logs).LastOrDefault(t => t.Stage == task)?.Seconds : null;

    private static async Task<long?> SizeAsync(Uri url, CancellationToken ct)
    {
        if (url.IsFile)
            return new FileInfo(url.LocalPath) is { Exists: true } file ? file.Length : null;
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            using var request = new HttpRequestMessage(HttpMethod.Head, url);
            request.Headers.Authorization = DownloadUrl.Credentials(url);
            using var response = await client.SendAsync(request, ct).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null; // whether the server answers, the build will say
        }
    }

    private static string Text(List<PlannedStage> stages, List<PlannedStage> running, string cache, string obj)
    {
        var text = new StringBuilder();
        foreach (var stage in stages)
            text.Append(CultureInfo.InvariantCulture, $"  {stage.Stage,-16} {(stage.Runs ? "runs   " : "cached ")} {stage.Why}\n");
        if (running.Count == 0)
            return text.Append("Nothing to do.").ToString();
        text.Append(CultureInfo.InvariantCulture, $"Disk: up to {Size(running.Sum(s => s.CacheBytes))} in {cache} ({Free(cache)} free), {Size(running.Sum(s => s.ProjectBytes))} in {obj} ({Free(obj)} free).\n");
        var known = running.Sum(s => s.DownloadBytes ?? 0);
        text.Append("Download: ").Append(known > 0 ? "about " + Size(known) : running.Any(s => s.DownloadBytes is null) ? "" : "nothing")
            .Append(running.Any(s => s.DownloadBytes is null) ? (known > 0 ? ", and " : "") + "what the cache lacks of the packages, or a file whose size its server does not tell" : "").Append(".\n");
        var unknown = running.Where(s => s.Seconds is null).Select(s => s.Stage).ToList();
        return text.Append(CultureInfo.InvariantCulture, $"Time: about {Duration(running.Sum(s => s.Seconds ?? 0))} by the last runs on this machine")
            .Append(unknown.Count > 0 ? $", without {string.Join(", ", unknown)}, never done here yet (a Debian base and its packages take minutes)." : ".").ToString();
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.0} GiB");

    private static string Free(string folder) => Size(new DriveInfo(folder).AvailableFreeSpace);

    private static string Duration(double seconds)
        => seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s") : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min");
}

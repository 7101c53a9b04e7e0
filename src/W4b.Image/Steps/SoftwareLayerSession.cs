using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Components;
using W4b.Image.Layers.Packages;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Steps;

/// <summary>
/// The making of a software layer: it holds the layer's lock from <see cref="OpenAsync"/> to its disposal, so that builds that want
/// the same layer make it once. The kernel releases the lock when the process dies; the next build then starts over.
/// </summary>
public sealed class SoftwareLayerSession : IAsyncDisposable
{
    /// <summary>Its name among the times of making.</summary>
    internal const string Kind = "layer";

    private readonly SoftwareInputs _inputs;
    private readonly string _baseImage;
    private readonly LayerSteps _steps;
    private readonly string _objFolder;
    private readonly StageRecord _record;
    private readonly CacheFolder _cache;
    private readonly IDisposable _lock;
    private readonly IBuildLog _log;
    private readonly ImageTree _tree;
    private readonly CardLayout _card;
    private readonly IReadOnlyDictionary<string, SourceLocation> _places;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow.AddSeconds(-1);
    private IDisposable? _packagesLock;
    private int _done;

    private SoftwareLayerSession(SoftwareInputs inputs, string baseImage, LayerSteps steps, CacheFolder cache, IDisposable held, string objFolder,
        IBuildLog log)
    {
        (_inputs, _baseImage, _steps, _cache, _lock, _objFolder, _log) = (inputs, baseImage, steps, cache, held, objFolder, log);
        _places = PackagePlaces.Read(objFolder);
        _record = new StageRecord(objFolder, "InstallSoftware", [.. steps.Inputs, new("image size", $"{inputs.Software.ImageSize}")]);
        _card = CardLayout.Read(baseImage);
        _tree = new ImageTree(Path.Combine(cache.Work, LockOf(steps.LayerId)), ArchitectureExtensions.Parse(inputs.Architecture)) { KeepsArchives = true };
    }

    /// <summary>The layer's image when it is in the cache already, else null.</summary>
    public string? LayerImage => IsThere(_steps.LayerId) ? ImagePath : null;

    // Beside the tree until the layer is whole.
    private string LayerFolder => Directory.CreateDirectory(Path.Combine(_tree.Folder, "layer")).FullName;

    private string ImagePath => ImageOf(_steps.LayerId);

    private LayerStep PackagesStep => _steps.All[0];

    /// <summary>Waits for the layer's lock.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> and the like: the base is no card image.</exception>
    public static async Task<SoftwareLayerSession> OpenAsync(string softwareJson, string baseImage, string cacheFolder, IBuildLog log, CancellationToken ct)
    {
        var inputs = ImageJson.Read<SoftwareInputs>(softwareJson);
        // The cache names a base image by its sha256.
        var steps = LayerSteps.Of(Path.GetFileNameWithoutExtension(baseImage), inputs);
        var cache = new CacheFolder(cacheFolder);
        var objFolder = Path.GetDirectoryName(softwareJson)!;
        var held = await cache.LockAsync(LockOf(steps.LayerId), log, ct).ConfigureAwait(false);
        var session = new SoftwareLayerSession(inputs, baseImage, steps, cache, held, objFolder, log);
        if (session.LayerImage is { } cached)
        {
            log.Info($"The software layer is in the cache: {cached}");
            session._record.Complete();
        }
        else
        {
            session._record.Explain(log);
        }

        return session;
    }

    /// <summary>Fills the tree from the base image, or from a layer in the cache that has the first of the steps.</summary>
    public async Task MountAsync(IBuildLog log, CancellationToken ct)
    {
        HostRequirements.RequireForLayer(_tree.Architecture);
        await WorkTrees.SweepAsync(_cache, log, ct).ConfigureAwait(false);
        await _tree.CreateAsync(log, ct).ConfigureAwait(false);
        var start = await FindStartAsync(log, ct).ConfigureAwait(false);
        // The tree, an image of it, and one of the packages alone.
        DiskSpace.Require(_cache.Root, (_packagesLock is null ? 2 : 3) * FileStamp.AllocatedBytes(start ?? _baseImage), "Making the software layer");
        // How that was made belongs to how this is made.
        if (start is not null)
            File.Copy(Path.Combine(Path.GetDirectoryName(start)!, SoftwareLayer.LogName), Path.Combine(LayerFolder, SoftwareLayer.LogName));
        using var kept = KeepLog(log);
        if (start is not null)
            kept.Info($"Starting from the layer {Path.GetFileName(Path.GetDirectoryName(start))![..12]}, which has the {Names(_steps.All.Take(_done))}.");
        await _tree.FillAsync(start ?? _baseImage, CardLayout.Read(start ?? _baseImage), kept, ct).ConfigureAwait(false);
    }

    /// <summary>Installs packages and components and runs scripts in the sandbox.</summary>
    /// <param name="nativeTwins">Whether programs of the host's architecture run in place of emulated ones where they can: sooner, the same result.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task ApplyAsync(bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        using var kept = KeepLog(log);
        var twins = nativeTwins && NativeTwins.Exist(_tree.Architecture) ? new NativeTwins(_cache, _tree.Architecture, _tree.TwinsWorkFolder, kept) : null;
        var installer = new SoftwareInstaller(_tree, _places, kept, twins, new PackagePool(_cache, kept));
        for (; _done < _steps.All.Count; _done++)
        {
            await ApplyAsync(_steps.All[_done].Kind, installer, kept, ct).ConfigureAwait(false);
            // After each, so that a step finds the same whether it goes on from the last or from the layer that was made of it.
            await installer.CleanAsync(ct).ConfigureAwait(false);
            if (_packagesLock is not null)
                await KeepPackagesAsync(kept, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the tree as a new image into the cache and returns its path.</summary>
    public async Task<string> WriteImageAsync(IBuildLog log, CancellationToken ct)
    {
        using (var kept = KeepLog(log))
            await WriteAsync(LayerFolder, _steps.LayerId, _inputs.Software.ImageSize, kept, ct).ConfigureAwait(false);
        Publish(LayerFolder, _steps.LayerId);
        _record.Complete();
        MakingTimes.Note(_cache, Kind, (DateTimeOffset.UtcNow - _started).TotalSeconds);
        CacheLimitsFile.Apply(_objFolder, _cache, log);
        return LayerImage ?? throw DiagnosticCode.CacheDamaged.Error($"{ImagePath} was changed as soon as it was written.");
    }

    /// <summary>Removes the tree of a layer that did not succeed, and releases the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _tree.DeleteAsync(_log, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _packagesLock?.Dispose();
            _lock.Dispose();
        }
    }

    // The image of the layer in the cache that has the most of the steps; null for none. When this build is the one to make the
    // layer of the packages, it holds its lock from here on: others with these packages wait for that layer.
    private async Task<string?> FindStartAsync(IBuildLog log, CancellationToken ct)
    {
        if (Farthest() is { } there || !_steps.KeepsPackages)
            return Farthest();
        _packagesLock = await _cache.LockAsync(LockOf(PackagesStep.Id), log, ct).ConfigureAwait(false);
        if (Farthest() is not { } meanwhile)
            return null;
        _packagesLock.Dispose();
        _packagesLock = null;
        return meanwhile;
    }

    private string? Farthest()
    {
        for (_done = _steps.All.Count; _done > 0; _done--)
            if (IsThere(_steps.All[_done - 1].Id))
                return ImageOf(_steps.All[_done - 1].Id);
        return null;
    }

    private async Task ApplyAsync(LayerStepKind step, SoftwareInstaller installer, IBuildLog log, CancellationToken ct)
    {
        var software = _inputs.Software;
        switch (step)
        {
            case LayerStepKind.Packages:
                await new AptRepositories(_tree, log).WriteAsync(software.Repositories, ct).ConfigureAwait(false);
                await installer.InstallAsync(LayerSteps.Packages(software), software.Locales, ct).ConfigureAwait(false);
                break;
            case LayerStepKind.Components:
                var fetcher = new ComponentFolder(_cache, Path.Combine(_tree.Folder, "components"), log);
                var folders = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var component in software.Components)
                    folders.Add(component.Name, await fetcher.FetchAsync(component, ct).ConfigureAwait(false));
                await installer.InstallComponentsAsync(software, folders, ct).ConfigureAwait(false);
                break;
            case LayerStepKind.Scripts:
                await installer.RunScriptsAsync(software.Scripts, ct).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    private async Task KeepPackagesAsync(LogFile log, CancellationToken ct)
    {
        log.Info("Keeping the layer of the packages: a change of components or scripts starts from it.");
        var folder = Directory.CreateDirectory(Path.Combine(_tree.Folder, "packages-layer")).FullName;
        await WriteAsync(folder, PackagesStep.Id, 0, log, ct).ConfigureAwait(false);
        log.Flush();
        File.Copy(Path.Combine(LayerFolder, SoftwareLayer.LogName), Path.Combine(folder, SoftwareLayer.LogName));
        Publish(folder, PackagesStep.Id);
        _packagesLock!.Dispose();
        _packagesLock = null;
    }

    private async Task WriteAsync(string folder, string id, long size, IBuildLog log, CancellationToken ct)
    {
        var packages = await new SoftwareInstaller(_tree, _places, new QuietLog(log)).ListPackagesAsync(ct).ConfigureAwait(false);
        await CardWriter.WriteAsync(_tree, CardSpecificationOf(log), Path.Combine(folder, SoftwareLayer.ImageName), size,
            BuildEpoch.Current, _started, log, ct).ConfigureAwait(false);
        SoftwareLayer.WriteInfo(folder, new LayerInfo(id, Path.GetFileNameWithoutExtension(_baseImage), packages));
    }

    // From here on this build uses it.
    private bool IsThere(string id) => CacheUses.Take(_cache, Path.GetDirectoryName(ImageOf(id))!, null, _log);

    private void Publish(string made, string id)
    {
        CacheSeal.Write(made);
        var folder = Path.GetDirectoryName(ImageOf(id))!;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // not whole, or it would have been found
        DurableFile.MoveFolder(made, folder);
    }

    private string ImageOf(string id) => Path.Combine(_cache.Layers, id, SoftwareLayer.ImageName);

    private static string LockOf(string id) => $"layer-{id}";

    private static string Names(IEnumerable<LayerStep> steps) => string.Join(" and ", steps.Select(s => s.Kind.ToString().ToLowerInvariant()));

    private LogFile KeepLog(IBuildLog log) => new(log, Path.Combine(LayerFolder, SoftwareLayer.LogName));

    private CardSpecification CardSpecificationOf(IBuildLog log)
    {
        var fat = new FatFileSystem(log, _baseImage, _card.Boot.OffsetBytes, BuildEpoch.Current).ReadBootSector();
        using var ext4 = Ext4FileSystem.Open(_baseImage, _card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        return new CardSpecification(_card.DiskId, _card.Boot.Number, _card.Boot.StartSector, _card.Boot.SectorCount,
            fat.Label, fat.VolumeId, _card.Root.Number, _card.Root.StartSector, ext4.Statistics.Label, ext4.Statistics.Uuid);
    }
}

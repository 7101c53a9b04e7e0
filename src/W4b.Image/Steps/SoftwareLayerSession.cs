using W4b.Image.Comparison;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Components;
using W4b.Image.Layers.Locking;
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

    private const string Stage = "InstallSoftware";

    private readonly SoftwareInputs _inputs;
    private readonly string _baseImage;
    private readonly LayerSteps _steps;
    private readonly LayerSteps _requested;
    private readonly LayerLock _layerLock;
    private readonly string _objFolder;
    private readonly CacheFolder _cache;
    private readonly IDisposable _lock;
    private readonly IBuildLog _log;
    private readonly ImageTree _tree;
    private readonly CardLayout _card;
    private readonly IReadOnlyDictionary<string, SourceLocation> _places;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow.AddSeconds(-1);
    private IDisposable? _packagesLock;
    private LockedLayer? _start;
    private LockedApt? _apt;
    private NativeTwins? _twins;
    private IReadOnlyList<LockedWheel> _wheels = [];
    private int _done;

    private SoftwareLayerSession(SoftwareInputs inputs, string baseImage, LayerSteps requested, LayerSteps steps, LayerLock layerLock, CacheFolder cache, IDisposable held,
        string objFolder, IBuildLog log)
    {
        (_inputs, _baseImage, _requested, _steps, _layerLock, _cache, _lock, _objFolder, _log) = (inputs, baseImage, requested, steps, layerLock, cache, held, objFolder, log);
        _places = PackagePlaces.Read(objFolder);
        _card = CardLayout.Read(baseImage);
        _tree = new ImageTree(Path.Combine(cache.Work, LockOf(requested.LayerId)), ArchitectureExtensions.Parse(inputs.Architecture)) { KeepsArchives = true };
    }

    /// <summary>The layer's image when it is in the cache already, else null.</summary>
    public string? LayerImage => IsThere(_steps.LayerId) ? ImagePath : null;

    // Beside the tree until the layer is whole.
    private string LayerFolder => Directory.CreateDirectory(Path.Combine(_tree.Folder, "layer")).FullName;

    private string ImagePath => ImageOf(_steps.LayerId);

    private LayerStep PackagesStep => _steps.All[0];

    /// <summary>Waits for its turn to make or find the layer.</summary>
    /// <param name="softwareJson">What is asked for.</param>
    /// <param name="baseImage">The base image in the cache.</param>
    /// <param name="cacheFolder">The cache.</param>
    /// <param name="locking">The project's package lock.</param>
    /// <param name="log">Receives what is found.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> and the like: the base is no card image;
    /// <see cref="DiagnosticCode.LockMismatch"/>, <see cref="DiagnosticCode.LockUnreadable"/>.</exception>
    public static async Task<SoftwareLayerSession> OpenAsync(string softwareJson, string baseImage, string cacheFolder, LockOptions locking, IBuildLog log, CancellationToken ct)
    {
        var inputs = ImageJson.Read<SoftwareInputs>(softwareJson);
        // The cache names a base image by its sha256.
        var baseSha256 = Path.GetFileNameWithoutExtension(baseImage);
        var requested = LayerSteps.Of(baseSha256, inputs);
        var cache = new CacheFolder(cacheFolder);
        var objFolder = Path.GetDirectoryName(softwareJson)!;
        var held = await cache.LockAsync(LockOf(requested.LayerId), log, ct).ConfigureAwait(false);
        try
        {
            // Only now: another hive of the fleet may have written it meanwhile.
            var layerLock = LayerLock.Open(locking, requested.Request, BaseOf(baseImage), PackagePlaces.Read(objFolder));
            var steps = layerLock.Choose(lockId => LayerSteps.Of(baseSha256, inputs, lockId), id => FindLock(cache, id, log));
            var session = new SoftwareLayerSession(inputs, baseImage, requested, steps, layerLock, cache, held, objFolder, log);
            if (session.LayerImage is { } cached)
            {
                log.Info($"The software layer is in the cache: {cached}");
                await session.CompleteAsync(session.Resolve(SoftwareLayer.ReadInfo(cached).Lock!), log, ct).ConfigureAwait(false);
            }
            else
            {
                session.Record(layerLock.Given).Explain(log);
            }

            return session;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static LockedBase BaseOf(string baseImage)
    {
        using var root = Ext4FileSystem.Open(baseImage, CardLayout.Read(baseImage).Root.OffsetBytes, writable: false, BuildEpoch.Current);
        const string status = "/var/lib/dpkg/status";
        var packages = root.Find(status) is null ? new Dictionary<string, string>() : FactsOfText.Packages(root.ReadAllText(status));
        return new LockedBase(Path.GetFileNameWithoutExtension(baseImage), [.. packages.Select(p => $"{p.Key.Split(':')[0]} {p.Value} {p.Key.Split(':')[1]}")]);
    }

    private static LockedLayer? FindLock(CacheFolder cache, string id, IBuildLog log)
        => Path.Combine(cache.Layers, id) is var folder && CacheUses.Take(cache, folder, null, log) ? SoftwareLayer.ReadInfo(Path.Combine(folder, SoftwareLayer.ImageName)).Lock : null;

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
        {
            File.Copy(Path.Combine(Path.GetDirectoryName(start)!, SoftwareLayer.LogName), Path.Combine(LayerFolder, SoftwareLayer.LogName));
            _start = SoftwareLayer.ReadInfo(start).Lock;
        }

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
        _twins = nativeTwins && NativeTwins.Exist(_tree.Architecture) ? new NativeTwins(_cache, _tree.Architecture, _tree.TwinsWorkFolder, kept) : null;
        var pool = new PackagePool(_cache, kept);
        _apt = new LockedApt(_tree, _layerLock, pool, kept);
        var installer = new SoftwareInstaller(_tree, _places, kept, _twins, pool, _apt);
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
        var resolved = Resolved;
        _layerLock.Check(resolved);
        using (var kept = KeepLog(log))
            await WriteAsync(LayerFolder, _requested.LayerId, _inputs.Software.ImageSize, kept, ct).ConfigureAwait(false);
        // Where the request's own id has another resolution, by the one that this build came to; which may be one that is known.
        var id = _steps.LayerId == _requested.LayerId ? _requested.LayerId : LayerSteps.Of(Path.GetFileNameWithoutExtension(_baseImage), _inputs, resolved.Id).LayerId;
        if (!IsThere(id))
            Publish(LayerFolder, id);
        await CompleteAsync(resolved, log, ct).ConfigureAwait(false);
        MakingTimes.Note(_cache, Kind, (DateTimeOffset.UtcNow - _started).TotalSeconds);
        CacheLimitsFile.Apply(_objFolder, _cache, log);
        return IsThere(id) ? ImageOf(id) : throw DiagnosticCode.CacheDamaged.Error($"{ImageOf(id)} was changed as soon as it was written.");
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

    private LockedLayer Resolved => Resolve(_start);

    private LockedLayer Resolve(LockedLayer? start)
        => _layerLock.Resolve([.. start?.Packages ?? [], .. _apt?.Installed ?? []], [.. start?.Python ?? [], .. _wheels],
            [.. start?.Twins ?? [], .. _twins?.Used.Select(p => $"{p.Name} {p.Version} {p.Architecture}") ?? []]);

    private async Task CompleteAsync(LockedLayer resolved, IBuildLog log, CancellationToken ct)
    {
        await _layerLock.WriteAsync(resolved, _cache, log, ct).ConfigureAwait(false);
        Record(resolved).Complete();
    }

    private StageRecord Record(LockedLayer? resolved) => new(_objFolder, Stage, RecordedInputs(_requested, _inputs, resolved, _objFolder));

    /// <summary>What the stage's record has; where nothing is locked yet, the lock of the last time: what is asked for says why there is no other.</summary>
    internal static IReadOnlyList<StageInput> RecordedInputs(LayerSteps requested, SoftwareInputs inputs, LockedLayer? resolved, string objFolder)
    {
        const string name = "lock";
        return
        [
            .. requested.Inputs, new("image size", $"{inputs.Software.ImageSize}"),
            .. (resolved is null ? StageRecord.Last(objFolder, Stage)?.Where(i => i.Name == name) : [new(name, resolved.Id)]) ?? [],
        ];
    }

    // The image of the layer in the cache that has the most of the steps; null for none. When this build is the one to make the
    // layer of the packages, it holds its lock from here on: others with these packages wait for that layer.
    private async Task<string?> FindStartAsync(IBuildLog log, CancellationToken ct)
    {
        if (Farthest() is { } there || !_steps.KeepsPackages || _layerLock.IsFresh)
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
                _wheels = await installer.InstallComponentsAsync(software, folders, _layerLock.Wheels, ct).ConfigureAwait(false);
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
        if (_layerLock.Fits(Resolved))
            await PublishPackagesAsync(log, ct).ConfigureAwait(false);
        _packagesLock!.Dispose();
        _packagesLock = null;
    }

    private async Task PublishPackagesAsync(LogFile log, CancellationToken ct)
    {
        log.Info("Keeping the layer of the packages: a change of components or scripts starts from it.");
        var folder = Directory.CreateDirectory(Path.Combine(_tree.Folder, "packages-layer")).FullName;
        await WriteAsync(folder, _requested.All[0].Id, 0, log, ct).ConfigureAwait(false);
        log.Flush();
        File.Copy(Path.Combine(LayerFolder, SoftwareLayer.LogName), Path.Combine(folder, SoftwareLayer.LogName));
        Publish(folder, PackagesStep.Id);
    }

    private async Task WriteAsync(string folder, string id, long size, IBuildLog log, CancellationToken ct)
    {
        var packages = await new SoftwareInstaller(_tree, _places, new QuietLog(log)).ListPackagesAsync(ct).ConfigureAwait(false);
        await CardWriter.WriteAsync(_tree, CardSpecificationOf(log), Path.Combine(folder, SoftwareLayer.ImageName), size,
            BuildEpoch.Current, _started, log, ct).ConfigureAwait(false);
        // What was asked for and what came of it, wherever it is kept: the same with a lock and without.
        SoftwareLayer.WriteInfo(folder, new LayerInfo(ContentFile.Sha256($"{id}\n{Resolved.Id}"), Path.GetFileNameWithoutExtension(_baseImage), packages, Resolved));
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

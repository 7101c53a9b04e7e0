using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Components;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Steps;

/// <summary>
/// The making of a software layer: it holds the layer's lock from <see cref="OpenAsync"/> to its disposal, so that builds that want
/// the same layer make it once. The kernel releases the lock when the process dies; the next build then starts over.
/// </summary>
public sealed class SoftwareLayerSession : IAsyncDisposable
{
    private readonly SoftwareInputs _inputs;
    private readonly string _baseImage;
    private readonly string _id;
    private readonly CacheFolder _cache;
    private readonly IDisposable _lock;
    private readonly IBuildLog _log;
    private readonly ImageTree _tree;
    private readonly CardLayout _card;
    private readonly IReadOnlyDictionary<string, SourceLocation> _places;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow.AddSeconds(-1);
    private IReadOnlyList<InstalledPackage> _packages = [];

    private SoftwareLayerSession(SoftwareInputs inputs, string baseImage, string id, CacheFolder cache, IDisposable held, CardLayout card,
        IReadOnlyDictionary<string, SourceLocation> places, IBuildLog log)
    {
        (_inputs, _baseImage, _id, _cache, _lock, _card, _places, _log) = (inputs, baseImage, id, cache, held, card, places, log);
        _tree = new ImageTree(Path.Combine(cache.Work, $"layer-{id}"), ArchitectureExtensions.Parse(inputs.Architecture));
    }

    /// <summary>The layer's image when it is in the cache already, else null.</summary>
    public string? LayerImage => File.Exists(ImagePath) ? ImagePath : null;

    // Beside the tree until the layer is whole.
    private string LayerFolder => Directory.CreateDirectory(Path.Combine(_tree.Folder, "layer")).FullName;

    private string ImagePath => Path.Combine(_cache.Layers, _id, SoftwareLayer.ImageName);

    /// <summary>Waits for the layer's lock.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/> and the like: the base is no card image.</exception>
    public static async Task<SoftwareLayerSession> OpenAsync(string softwareJson, string baseImage, string cacheFolder, IBuildLog log, CancellationToken ct)
    {
        var inputs = ImageJson.Read<SoftwareInputs>(softwareJson);
        var card = CardLayout.Read(baseImage);
        // The cache names a base image by its sha256.
        var id = SoftwareLayerId.Of(Path.GetFileNameWithoutExtension(baseImage), inputs);
        var cache = new CacheFolder(cacheFolder);
        var held = await cache.LockAsync($"layer-{id}", log, ct).ConfigureAwait(false);
        var session = new SoftwareLayerSession(inputs, baseImage, id, cache, held, card, PackagePlaces.Read(Path.GetDirectoryName(softwareJson)!), log);
        log.Info(session.LayerImage is { } cached ? $"The software layer is in the cache: {cached}" : $"The software layer {id[..12]} is not in the cache.");
        return session;
    }

    /// <summary>Fills the tree from the base image.</summary>
    public async Task MountAsync(IBuildLog log, CancellationToken ct)
    {
        HostRequirements.RequireForLayer(_tree.Architecture);
        await WorkTrees.SweepAsync(_cache, log, ct).ConfigureAwait(false);
        await _tree.CreateAsync(log, ct).ConfigureAwait(false);
        using var kept = KeepLog(log);
        await _tree.FillAsync(_baseImage, _card, kept, ct).ConfigureAwait(false);
    }

    /// <summary>Installs packages and runs scripts in the sandbox.</summary>
    /// <param name="nativeTwins">Whether programs of the host's architecture run in place of emulated ones where they can: sooner, the same result.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task ApplyAsync(bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        using var kept = KeepLog(log);
        var twins = nativeTwins && NativeTwins.Exist(_tree.Architecture) ? new NativeTwins(_cache, _tree.Architecture, _tree.TwinsWorkFolder, kept) : null;
        var installer = new SoftwareInstaller(_tree, _places, kept, twins);
        var fetcher = new ComponentFolder(_cache, Path.Combine(_tree.Folder, "components"), kept);
        var components = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var component in _inputs.Software.Components)
            components.Add(component.Name, await fetcher.FetchAsync(component, ct).ConfigureAwait(false));
        await installer.ApplyAsync(_inputs.Software, components, ct).ConfigureAwait(false);
        _packages = await installer.ListPackagesAsync(ct).ConfigureAwait(false);
        await installer.CleanAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Writes the tree as a new image into the cache and returns its path.</summary>
    public async Task<string> WriteImageAsync(IBuildLog log, CancellationToken ct)
    {
        var made = LayerFolder;
        using (var kept = KeepLog(log))
            await CardWriter.WriteAsync(_tree, CardSpecificationOf(kept), Path.Combine(made, SoftwareLayer.ImageName), _inputs.Software.ImageSize,
                BuildEpoch.Current, _started, kept, ct).ConfigureAwait(false);
        SoftwareLayer.WriteInfo(made, new LayerInfo(_id, Path.GetFileNameWithoutExtension(_baseImage), _packages));
        var folder = Path.GetDirectoryName(ImagePath)!;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // without its image, or LayerImage would have found it
        Directory.Move(made, folder);
        return ImagePath;
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
            _lock.Dispose();
        }
    }

    private LogFile KeepLog(IBuildLog log) => new(log, Path.Combine(LayerFolder, SoftwareLayer.LogName));

    private CardSpecification CardSpecificationOf(IBuildLog log)
    {
        var fat = new FatFileSystem(log, _baseImage, _card.Boot.OffsetBytes, BuildEpoch.Current).ReadBootSector();
        using var ext4 = Ext4FileSystem.Open(_baseImage, _card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        return new CardSpecification(_card.DiskId, _card.Boot.Number, _card.Boot.StartSector, _card.Boot.SectorCount,
            fat.Label, fat.VolumeId, _card.Root.Number, _card.Root.StartSector, ext4.Statistics.Label, ext4.Statistics.Uuid);
    }
}

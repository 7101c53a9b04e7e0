using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Packages;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers.Twins;

/// <summary>
/// Native twins of a target's programs, from the cache or made: amd64 packages of the target's own suite and versions, which the
/// sandbox runs in place of emulated ones. They change how long a build takes, never what comes out, so no id of a base or layer
/// knows of them.
/// </summary>
/// <param name="cache">Keeps the twins.</param>
/// <param name="architecture">The target's.</param>
/// <param name="work">A folder to work in, which the caller removes.</param>
/// <param name="log">Receives the progress, and a warning when there are none.</param>
internal sealed class NativeTwins(CacheFolder cache, Architecture architecture, string work, IBuildLog log)
{
    /// <summary>Debian's name of the architecture that twins are of.</summary>
    public const string HostArchitecture = "amd64";

    // Raised when trees made before must not be used any more.
    private const int Version = 2;

    private readonly HashSet<InstalledPackage> _used = [];
    private (AptSources Sources, AptRepository Repository)? _opened;

    /// <summary>The target's packages whose programs were given so far.</summary>
    public IEnumerable<InstalledPackage> Used => _used;

    /// <summary>Whether this host has twins of that architecture: it is x86-64, and emulates.</summary>
    public static bool Exist(Architecture architecture)
        => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64
            && !architecture.MayBeNative();

    /// <summary>The twins of a target with these packages, now or after what is planned; null when there are none.</summary>
    /// <param name="target">The target's packages that will not change while the twins are used.</param>
    /// <param name="changing">Names of packages that will, and have no twin meanwhile.</param>
    /// <param name="root">The target's root folder: it tells where the packages come from.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task<string?> ForTreeAsync(IReadOnlyList<InstalledPackage> target, IReadOnlyCollection<string> changing, string root, CancellationToken cancellation)
        => OrNoneAsync(async () => await ObtainAsync(new TwinRequest(target, changing),
            await AptSources.OfTreeAsync(root, work, log, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false));

    /// <summary>The twins of a base that does not exist yet: its packages will be the newest of the suite.</summary>
    /// <param name="configuration">The base.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task<string?> ForDebianAsync(DebianConfiguration configuration, CancellationToken cancellation)
        => OrNoneAsync(async () =>
        {
            var sources = await AptSources.OfDebianAsync(configuration, work, log, cancellation).ConfigureAwait(false);
            return await ObtainAsync(new TwinRequest(await NewestAsync(sources, TwinPackages.Names, cancellation).ConfigureAwait(false), []), sources, cancellation).ConfigureAwait(false);
        });

    /// <summary>The twins in <paramref name="folder"/> whose package is in the target in another version.</summary>
    public static IReadOnlyList<InstalledPackage> Strangers(string folder, IReadOnlyList<InstalledPackage> target)
        => TwinList.Read(folder)!.Strangers(target);

    // A tree has what the target has, and of the suite what else may have twins. So the base, its layers and what a layer is going to install
    // mostly share one, or one that begins as a copy of it.
    private async Task<string> ObtainAsync(TwinRequest request, AptSources sources, CancellationToken cancellation)
    {
        var suite = ContentFile.Sha256(string.Join('\n', [$"{Version}", architecture.DebianName(), sources.Text, .. SandboxHelper.ListTwins().Order(StringComparer.Ordinal)]));
        using var held = await cache.LockAsync($"twins-{suite}", log, cancellation).ConfigureAwait(false);
        var trees = Directory.GetDirectories(cache.Twins).Select(folder => (Folder: folder, List: TwinList.Read(folder)))
            .Where(tree => tree.List?.Suite == suite && tree.List.Suits(request))
            .OrderBy(tree => tree.List!.Missing(request).Count).ThenBy(tree => tree.Folder, StringComparer.Ordinal);
        var (basis, list) = trees.FirstOrDefault(tree => CacheUses.Take(cache, tree.Folder, null, log));
        if (list is not null && list.Missing(request).Count == 0)
            return Use(basis, request);

        var asked = list?.Missing(request)
            ?? [.. request.Wanted, .. await NewestAsync(sources, TwinPackages.Names.Where(request.IsFree), cancellation).ConfigureAwait(false)];
        log.Info($"Fetching native twins ({asked.Count}{(list is null ? "" : " more")}): programs for this machine's processor that need not be emulated.");
        list ??= new TwinList(suite, [], [], []);
        var id = ContentFile.Sha256(string.Join('\n', [suite, .. list.Asked.Concat(asked).Select(p => $"{p.Name} {p.Version}")]));
        var made = Path.Combine(work, id);
        var repository = await OpenAsync(sources, cancellation).ConfigureAwait(false);
        await new TwinMaker(repository, new PackagePool(cache, log), architecture, log).MakeAsync(asked, request, list, basis, made, cancellation).ConfigureAwait(false);
        var folder = Path.Combine(cache.Twins, id);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // not whole, or it would have been taken
        CacheSeal.Write(made);
        DurableFile.MoveFolder(made, folder);
        return CacheUses.Take(cache, folder, null, log) ? Use(folder, request) : throw DiagnosticCode.CacheDamaged.Error($"{folder} was changed as soon as it was written.");
    }

    private string Use(string folder, TwinRequest request)
    {
        _used.UnionWith(TwinList.Read(folder)!.Packages.Where(p => request.Target.Any(t => t.Name == p.Name)));
        return folder;
    }

    private async Task<IReadOnlyList<InstalledPackage>> NewestAsync(AptSources sources, IEnumerable<string> names, CancellationToken cancellation)
    {
        var repository = await OpenAsync(sources, cancellation).ConfigureAwait(false);
        var shown = await repository.ShowAsync(names, cancellation).ConfigureAwait(false);
        return TwinPackages.Wanted(shown.DistinctBy(p => p.Name).Select(p => new InstalledPackage(p.Name, p.Version, p.Architecture)));
    }

    // The package lists are fetched once for a build, unless it changes where they come from.
    private async Task<AptRepository> OpenAsync(AptSources sources, CancellationToken cancellation)
    {
        if (_opened is not { } opened || opened.Sources != sources)
            _opened = opened = (sources, await AptRepository.OpenAsync(sources, HostArchitecture, log, cancellation).ConfigureAwait(false));
        return opened.Repository;
    }

    // Twins only save time: without them everything is emulated.
    private async Task<string?> OrNoneAsync(Func<Task<string>> obtain)
    {
        try
        {
            return await obtain().ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code != DiagnosticCode.NoSpace)
        {
            log.Warning(new Diagnostic(DiagnosticCode.TwinsUnavailable, $"Everything is emulated, which takes several times as long: {e.Diagnostics[0].Message}"));
            return null;
        }
    }
}

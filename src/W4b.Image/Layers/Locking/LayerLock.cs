using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Locking;

/// <summary>The lock of one software layer while it is found or made.</summary>
internal sealed class LayerLock
{
    private readonly LockOptions _options;
    private readonly IReadOnlyList<StageInput> _request;
    private readonly LockedBase _base;

    private LayerLock(LockOptions options, IReadOnlyList<StageInput> request, LockedBase baseImage, PackageLock file)
    {
        (_options, _request, _base) = (options, request, baseImage);
        Given = file.Find(request);
        // Where something is added or removed, everything else stays as it was.
        Pins = Given?.Packages ?? (options is { Alone: true, Update: false } ? file.Layers.Values.FirstOrDefault()?.Packages : null) ?? [];
    }

    /// <summary>What the project's lock says of this layer; null when it says nothing.</summary>
    public LockedLayer? Given { get; }

    /// <summary>Versions to prefer.</summary>
    public IReadOnlyList<LockedPackage> Pins { get; }

    /// <summary>Versions of Python packages to prefer.</summary>
    public IReadOnlyList<LockedWheel> Wheels => Given?.Python ?? [];

    /// <summary>Whether the layer is to be resolved without regard to what the cache has.</summary>
    public bool IsFresh => _options.Update && Given is null;

    /// <summary>Whether a difference is an error.</summary>
    public bool IsLocked => _options.Locked;

    /// <summary>Reads the project's lock.</summary>
    /// <param name="options">What to do with it.</param>
    /// <param name="request">What is asked for, <see cref="LayerSteps.Request"/>.</param>
    /// <param name="baseImage">The base image.</param>
    /// <param name="places">Where the user asks for each package.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.LockMismatch"/>: it has nothing for this request, or another base, and must.</exception>
    public static LayerLock Open(LockOptions options, IReadOnlyList<StageInput> request, LockedBase baseImage, IReadOnlyDictionary<string, SourceLocation> places)
    {
        var file = options.File is null ? PackageLock.Read("") : PackageLock.Read(options.File);
        var result = new LayerLock(options, request, baseImage, file);
        if (options.Locked && result.Given is null)
            throw result.NotAskedFor(file, places);
        if (options.Locked && result.Given!.Base.Sha256 != baseImage.Sha256)
            throw result.Mismatch(LockDifference.Between(result.Given, result.Given with { Base = baseImage }));
        return result;
    }

    /// <summary>
    /// The steps by which the layer is found or made. They are those of the request, unless the cache has something of them that was resolved
    /// to other than what is locked: then the lock is an input of theirs.
    /// </summary>
    /// <param name="steps">The steps with a lock's id, or without one.</param>
    /// <param name="find">What a layer in the cache was resolved to; null where there is none.</param>
    public LayerSteps Choose(Func<string?, LayerSteps> steps, Func<string, LockedLayer?> find)
    {
        if (IsFresh)
            return steps(Guid.NewGuid().ToString("N"));
        var requested = steps(null);
        if (Pins.Count == 0 && Given is null)
            return requested;
        var own = steps(Given?.Id ?? ContentFile.Sha256(string.Concat(Pins.Select(p => p.Sha256))));
        if (find(own.LayerId) is not null)
            return own;
        var whole = find(requested.LayerId);
        return (whole is null || Given is null || whole.Id == Given.Id) && requested.All.Select(s => find(s.Id)).All(l => l is null || Fits(l)) ? requested : own;
    }

    /// <summary>Whether what is there of a layer is as it is locked.</summary>
    public bool Fits(LockedLayer part)
        => part.Packages.All(p => Pins.FirstOrDefault(pin => Key(pin) == Key(p)) is { } pin ? pin.Sha256 == p.Sha256 : Given is null)
            && (Given is null || part.Python.All(w => Given.Python.Contains(w)));

    /// <summary>Checks what apt is going to install, before it does.</summary>
    public void Check(IReadOnlyList<LockedPackage> planned)
    {
        if (!_options.Locked)
            return;
        var names = planned.Select(Key).ToHashSet(StringComparer.Ordinal);
        var differences = LockDifference.Between(Given! with { Packages = [.. Given.Packages.Where(p => names.Contains(Key(p)))] }, Given with { Packages = planned });
        if (differences.Count > 0)
            throw Mismatch(differences);
    }

    /// <summary>What the layer was resolved to.</summary>
    /// <param name="packages">Debian packages in the order in which they were installed.</param>
    /// <param name="python">Python packages.</param>
    /// <param name="twins">Native twins that were used; none where nothing ran natively.</param>
    public LockedLayer Resolve(IEnumerable<LockedPackage> packages, IEnumerable<LockedWheel> python, IEnumerable<string> twins)
    {
        // What is the same is written the same: the place of a package in this build may be the cache.
        var last = packages.GroupBy(Key).Select(g => g.Last()).Select(p => Pins.FirstOrDefault(g => g with { Archive = "" } == p with { Archive = "" }) ?? p);
        return new LockedLayer(_request, _base, [.. last.OrderBy(Key, StringComparer.Ordinal)], [.. python.OrderBy(p => p.Name, StringComparer.Ordinal)])
        {
            Twins = [.. twins.Distinct().Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Checks what the layer was resolved to.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.LockMismatch"/>.</exception>
    public void Check(LockedLayer resolved)
    {
        if (_options.Locked && LockDifference.Between(Given!, resolved) is { Count: > 0 } differences)
            throw Mismatch(differences);
    }

    /// <summary>Writes what was resolved into the project's lock, unless it says so already.</summary>
    public async Task WriteAsync(LockedLayer resolved, CacheFolder cache, IBuildLog log, CancellationToken cancellation)
    {
        if (_options.File is not { } file || Given?.Id == resolved.Id)
            return;
        if (Given is not null)
            log.Warning(new Diagnostic(DiagnosticCode.LockChanged, $"{Path.GetFileName(file)} was written anew:\n{LockDifference.Text(LockDifference.Between(Given, resolved))}\n", new SourceLocation(file)));
        // Hives of a fleet share the file.
        using var held = await cache.LockAsync($"lock-{ContentFile.Sha256(file)}", log, cancellation).ConfigureAwait(false);
        ContentFile.WriteWhenDifferent(file, PackageLock.Read(file).With(resolved, _options.Alone).Text());
        if (Given is null)
            log.Info($"What was installed is locked in {file}; commit it with the project.");
    }

    // At the first package that is new, where the user's file names it.
    private W4bException NotAskedFor(PackageLock file, IReadOnlyDictionary<string, SourceLocation> places)
    {
        var name = Path.GetFileName(_options.File!);
        var nearest = file.Layers.Values.Where(_ => _options.Alone).FirstOrDefault();
        var known = nearest?.Request.SelectMany(i => i.Value.Split(' ')).ToHashSet(StringComparer.Ordinal) ?? [];
        var place = nearest is null ? null : _request.SelectMany(i => i.Value.Split(' ')).Where(p => !known.Contains(p)).Select(p => places.GetValueOrDefault(p)).FirstOrDefault(p => p is not null);
        var what = nearest is not null && InputChanges.Describe(nearest.Request, _request) is { } change ? $"{name} is not of what is asked for: {change}"
            : $"{name} has nothing for what is asked for: {string.Join("; ", _request.Select(i => i.Value.Length == 0 ? i.Name : $"{i.Name}: {i.Value}"))}";
        return DiagnosticCode.LockMismatch.Error(what + ".", place ?? new SourceLocation(_options.File!));
    }

    private W4bException Mismatch(IReadOnlyList<string> differences)
        => DiagnosticCode.LockMismatch.Error($"What would be installed is not what the lock says:\n{LockDifference.Text(differences)}\n", new SourceLocation(_options.File!));

    private static string Key(LockedPackage package) => $"{package.Name}:{package.Architecture}";
}

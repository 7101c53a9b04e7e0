using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// The folder that builds share: downloads, base images, software layers, and room to work in. It belongs to one user
/// (mode 0700) and may be removed at any time when no build runs.
/// </summary>
public sealed class CacheFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _locks;

    /// <summary>Opens the cache and makes its folders where they are missing.</summary>
    /// <param name="root">The folder; <see cref="DefaultRoot"/> when null or empty.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public CacheFolder(string? root = null)
    {
        Root = Path.GetFullPath(string.IsNullOrEmpty(root) ? DefaultRoot : root);
        Downloads = Path.Combine(Root, "downloads");
        Base = Path.Combine(Root, "base");
        Layers = Path.Combine(Root, "layers");
        Twins = Path.Combine(Root, "twins");
        Packages = Path.Combine(Root, "packages");
        Work = Path.Combine(Root, "work");
        _locks = Path.Combine(Root, "locks");
        foreach (var folder in new[] { Root, Downloads, Base, Layers, Twins, Packages, Work, _locks })
            Create(folder);
    }

    /// <summary>
    /// <c>w4b</c> in the user's cache folder: XDG_CACHE_HOME when that is an absolute path, else <c>~/.cache</c>
    /// (<see href="https://specifications.freedesktop.org/basedir-spec/latest/">XDG Base Directory Specification</see>).
    /// </summary>
    public static string DefaultRoot
    {
        get
        {
            var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (!Path.IsPathFullyQualified(caches ?? ""))
                caches = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(caches!, "w4b");
        }
    }

    /// <summary>The cache itself.</summary>
    public string Root { get; }

    /// <summary>Verified downloads, each named by its SHA-256 and its extension.</summary>
    public string Downloads { get; }

    /// <summary>Raw base images, each named by its SHA-256.</summary>
    public string Base { get; }

    /// <summary>Software layers, each named by its content id.</summary>
    public string Layers { get; }

    /// <summary>Native twins, each folder named by the id of what is in it.</summary>
    public string Twins { get; }

    /// <summary>Debian packages, each named by its SHA-256.</summary>
    public string Packages { get; }

    /// <summary>Trees that builds work on, each named as the lock that its build holds.</summary>
    public string Work { get; }

    /// <summary>
    /// Takes the lock of that name: between all builds that use this cache and between tasks of one build. Disposing
    /// releases it, and so does the end of the process, however it ends.
    /// </summary>
    /// <param name="name">Whose lock: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</param>
    /// <param name="log">Is told once when there is need to wait, and for what.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public async Task<IDisposable> LockAsync(string name, IBuildLog log, CancellationToken cancellation)
    {
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"'{name}' is no name for a lock.", nameof(name));
        return await FileLock.AcquireAsync(LockFile(name), $"Waiting for another build that works on {name} in {Root}.", log, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// The folders in <see cref="Work"/> that failed or killed builds left: nobody holds the lock of their name. Each is locked while
    /// the caller looks at it.
    /// </summary>
    public IEnumerable<string> AbandonedWork()
    {
        foreach (var folder in Directory.GetDirectories(Work))
        {
            using var held = FileLock.TryAcquire(LockFile(Path.GetFileName(folder)));
            if (held is not null)
                yield return folder;
        }
    }

    /// <summary>What some build works on just now, by its lock; null when none does.</summary>
    public string? InUse()
    {
        foreach (var file in Directory.GetFiles(_locks))
        {
            using var held = FileLock.TryAcquire(file);
            if (held is null)
                return Path.GetFileNameWithoutExtension(file);
        }

        return null;
    }

    /// <summary>Takes the lock of that name, or returns null when somebody has it.</summary>
    internal IDisposable? TryLock(string name) => FileLock.TryAcquire(LockFile(name));

    /// <summary>The lock file that builds share while they use something in the cache.</summary>
    internal string UseLock(string entry) => LockFile($"use-{Path.GetFileName(Path.GetDirectoryName(entry))}-{Path.GetFileName(entry)}");

    /// <summary>Excludes every use of something in the cache, or returns null when a build uses it.</summary>
    internal IDisposable? TryLockUse(string entry)
    {
        // A package is copied as soon as it is found: it may go at any time. A download is used by who fetches and unpacks it.
        var maker = Path.GetDirectoryName(entry) == Downloads ? TryLock($"base-{Path.GetFileName(entry).Split('.')[0]}") : null;
        if (Path.GetDirectoryName(entry) == Downloads && maker is null)
            return null;
        using (maker)
            return FileLock.TryAcquire(Path.GetDirectoryName(entry) == Packages ? LockFile("use-packages") : UseLock(entry));
    }

    private string LockFile(string name) => Path.Combine(_locks, name + ".lock");

    private static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw IoFailure.Translate(e, folder);
        }
    }
}

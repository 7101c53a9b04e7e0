using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>A folder for the time of one build. While it is in use it is locked, so that nobody takes it for abandoned.</summary>
public sealed class WorkFolder : IDisposable
{
    private readonly FileLock _lock;
    private readonly string _lockFile;
    private readonly IBuildLog _log;

    internal WorkFolder(string path, FileLock held, string lockFile, IBuildLog log)
        => (Path, _lock, _lockFile, _log) = (path, held, lockFile, log);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Removes the folder with all that is in it; what cannot be removed now, a later build tries again.</summary>
    public void Dispose()
    {
        Remove(Path, _lockFile, _log);
        _lock.Dispose();
    }

    /// <summary>Removes an abandoned folder, and then its lock file, whose lock the caller has.</summary>
    internal static void Remove(string folder, string lockFile, IBuildLog log)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            File.Delete(lockFile);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            // Files of subordinate ids: their removal takes a user namespace, and the build need not fail for it.
            log.Detail($"{folder} cannot be removed: {e.Message}");
        }
    }
}

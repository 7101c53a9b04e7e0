using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>Opens files of the host and turns what can go wrong with them into coded failures.</summary>
internal static class HostFile
{
    private const int ENOSPC = 28;

    /// <summary>Opens for reading at any place. Takes no lock: the image's owner orders its readers and writers.</summary>
    internal static SafeFileHandle OpenRead(string path)
        => Guard(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

    /// <summary>Opens an existing file for reading and writing at any place, without a lock.</summary>
    internal static SafeFileHandle OpenWrite(string path)
        => Guard(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));

    /// <summary>Runs <paramref name="action"/>; an I/O failure in it becomes a coded one that names the path.</summary>
    internal static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Error(path, e);
        }
    }

    /// <inheritdoc cref="Guard{T}(string, Func{T})"/>
    internal static void Guard(string path, Action action)
        => Guard(path, () => { action(); return 0; });

    /// <summary>The coded failure for an I/O exception: <see cref="DiagnosticCode.NoSpace"/> or <see cref="DiagnosticCode.FileAccess"/>.</summary>
    internal static W4bException Error(string path, Exception e)
        // On Unix an IOException carries the raw errno.
        => e.HResult == ENOSPC
            ? DiagnosticCode.NoSpace.Error($"The disk is full while writing {path}.", inner: e)
            : DiagnosticCode.FileAccess.Error($"{path}: {e.Message}", inner: e);
}

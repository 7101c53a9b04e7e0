using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// An exclusive lock on a file, flock(2): between processes and between tasks of one process. The kernel releases it
/// when the process ends, however it ends. The file stays; removing it would let two hold "the" lock.
/// </summary>
internal sealed partial class FileLock : IDisposable
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int Interrupted = 4; // EINTR
    private const int WouldBlock = 11; // EWOULDBLOCK

    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock, or returns null when somebody has it.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static FileLock? TryAcquire(string path)
    {
        var file = Open(path);
        try
        {
            if (Lock(file, path, Exclusive | NonBlocking))
                return new FileLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        file.Dispose();
        return null;
    }

    /// <summary>Takes the lock as one of any number; waits as long as somebody has it alone, which is never long.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static FileLock AcquireShared(string path)
    {
        var file = Open(path);
        try
        {
            Lock(file, path, Shared);
            return new FileLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock, and waits as long as somebody else has it.</summary>
    /// <param name="path">The lock file; made when missing.</param>
    /// <param name="waiting">What to say when there is need to wait.</param>
    /// <param name="log">Is told once.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/> or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static async Task<FileLock> AcquireAsync(string path, string waiting, IBuildLog log, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (TryAcquire(path) is { } acquired)
            return acquired;
        log.Info(waiting);
        var file = Open(path);
        try
        {
            await OwnThread.Run(() => Lock(file, path, Exclusive), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
            return new FileLock(file);
        }
        catch
        {
            // A thread that still waits in the kernel keeps the handle until flock returns; closing it then releases the lock.
            file.Dispose();
            throw;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    // Not File.Open: .NET takes a lock of its own on whatever it opens, and fails where we want to wait.
    private static SafeFileHandle Open(string path)
    {
        var descriptor = open(path, ReadWrite | Create | CloseOnExec, 0b110_000_000);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(path);
    }

    private static bool Lock(SafeFileHandle file, string path, int operation)
    {
        while (flock(file, operation) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case WouldBlock:
                    return false;
                default:
                    throw Failure(path);
            }
        }
        return true;
    }

    private static W4bException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return IoFailure.Translate(new IOException(Marshal.GetPInvokeErrorMessage(error), error), path);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}

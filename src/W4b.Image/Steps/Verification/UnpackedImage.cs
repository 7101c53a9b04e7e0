using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Steps.Verification;

/// <summary>
/// A raw image for as long as this process lives: a file with holes that has no name, so that nothing of it can be left. It is in memory
/// where there is plenty, which saves writing it, else on the disk. Programs that are started reach it by the process' own descriptor.
/// </summary>
internal sealed partial class UnpackedImage : IDisposable
{
    // Of the free memory: the rest of the build, and other programs, need some too.
    private const int MemoryShare = 2;

    private const uint CloseOnExec = 1; // MFD_CLOEXEC of memfd_create(2)

    private UnpackedImage(SafeFileHandle file) => File = file;

    /// <summary>The open file.</summary>
    public SafeFileHandle File { get; }

    /// <summary>A path by which this process, and those that it starts, open it: proc_pid_fd(5).</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{File.DangerousGetHandle()}";

    /// <summary>Makes one that is one hole.</summary>
    /// <param name="folder">Where it is when it is on the disk.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="freeMemory">Memory that nobody uses, in bytes.</param>
    /// <param name="log">Is told where it is.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static UnpackedImage Create(string folder, long length, long freeMemory, IBuildLog log)
    {
        var isInMemory = length <= freeMemory / MemoryShare;
        log.Info($"The image, {length >> 20} MiB, is unpacked {(isInMemory ? "in memory" : $"in {folder}")}: {freeMemory >> 20} MiB of memory are free.");
        return new UnpackedImage(isInMemory ? InMemory(length) : OnDisk(folder, length));
    }

    public void Dispose() => File.Dispose();

    private static SafeFileHandle InMemory(long length)
    {
        var file = MemoryFile("w4b-image", CloseOnExec);
        if (file.IsInvalid)
            throw DiagnosticCode.FileAccess.Error($"A file in memory cannot be made: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        RandomAccess.SetLength(file, length);
        return file;
    }

    private static SafeFileHandle OnDisk(string folder, long length)
    {
        var path = System.IO.Path.Combine(folder, $"unpacked-{Guid.NewGuid():N}.img");
        SparseFile.Create(path, length, SparseFile.OwnerOnly);
        try
        {
            return HostFile.OpenWrite(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle MemoryFile(string name, uint flags);
}

using Microsoft.Win32.SafeHandles;
using W4b.Image.Disk;

namespace W4b.Image.Steps.Verification;

/// <summary>
/// A raw image for as long as this process lives: a file with holes that has no name any more, so that nothing of it can be left.
/// Programs that are started reach it by the process' own descriptor.
/// </summary>
internal sealed class UnpackedImage : IDisposable
{
    public UnpackedImage(string folder, long length)
    {
        var path = System.IO.Path.Combine(folder, $"unpacked-{Guid.NewGuid():N}.img");
        SparseFile.Create(path, length, SparseFile.OwnerOnly);
        try
        {
            File = HostFile.OpenWrite(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle File { get; }

    /// <summary>A path by which this process, and those that it starts, open it: proc_pid_fd(5).</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{File.DangerousGetHandle()}";

    public void Dispose() => File.Dispose();
}

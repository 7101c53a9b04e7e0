using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace W4b.Image.Disk;

/// <summary>
/// Has the kernel write a growing file to the disk while it grows, as otherwise it begins when the whole file is flushed, and everybody waits. sync_file_range(2).
/// </summary>
/// <param name="file">The file.</param>
internal sealed partial class WriteOut(SafeFileHandle file)
{
    private const long Step = 8 << 20;
    private const uint Write = 2; // SYNC_FILE_RANGE_WRITE
    private long _begun;

    /// <summary>Tells how long the file is now.</summary>
    public void Grown(long length)
    {
        if (length - _begun < Step)
            return;
        // Where the kernel or the file system does not do this, the flush in the end does all of it.
        _ = sync_file_range(file, _begun, length - _begun, Write);
        _begun = length;
    }

    [LibraryImport("libc")]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long length, uint flags);
}

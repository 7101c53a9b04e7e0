using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace W4b.Image.Compression;

/// <summary>Finds the holes of a sparse file, so that nobody reads gigabytes of zeros. One instance, one thread.</summary>
/// <param name="file">The open file. Its position moves, which matters to nobody who reads with an offset.</param>
internal sealed partial class HoleFinder(SafeFileHandle file)
{
    private const int SeekData = 3;
    private const int NoSuchData = 6; // ENXIO: only a hole is left
    private const int NotSupported = 22; // EINVAL: the file system does not know SEEK_DATA
    private long _nextData;

    /// <summary>
    /// Whether <paramref name="size"/> bytes from <paramref name="offset"/> on are a hole (lseek(2), SEEK_DATA). False when
    /// unknown; those bytes may be zero all the same. Offsets have to grow from call to call.
    /// </summary>
    public bool IsHole(long offset, long size)
    {
        if (_nextData <= offset)
        {
            _nextData = lseek(file, offset, SeekData);
            if (_nextData < 0)
                _nextData = Marshal.GetLastPInvokeError() switch
                {
                    NoSuchData => long.MaxValue,
                    NotSupported => offset,
                    var error => throw new IOException(Marshal.GetPInvokeErrorMessage(error), error),
                };
        }
        return _nextData >= offset + size;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);
}

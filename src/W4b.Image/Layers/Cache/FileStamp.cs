using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// What the file system notes of a file and changes with it. Whoever writes to a file can set back its modification time, but not the
/// time of its last change of any kind (ctime), so equal stamps say that nobody wrote to it in between.
/// </summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Modified">Its mtime, nanoseconds since 1970.</param>
/// <param name="Changed">Its ctime, nanoseconds since 1970.</param>
/// <param name="Inode">Its inode number.</param>
internal sealed partial record FileStamp(long Size, long Modified, long Changed, long Inode)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint Basic = 0x7ff; // STATX_BASIC_STATS
    private const int NoEntry = 2; // ENOENT
    private const int NoFolder = 20; // ENOTDIR

    /// <summary>The stamp of a file; null when there is none.</summary>
    public static FileStamp? Of(string path)
        => Read(path) is { } data ? new FileStamp(Int64(data, 40), Time(data, 112), Time(data, 96), Int64(data, 32)) : null;

    /// <summary>What a file takes on the disk, in bytes; 0 when there is none.</summary>
    public static long AllocatedBytes(string path) => Read(path) is { } data ? Int64(data, 48) * 512 : 0;

    // statx(2): its structure is the same on every processor, stat's is not.
    private static byte[]? Read(string path)
    {
        var data = new byte[256];
        if (statx(CurrentFolder, path, NoFollow, Basic, data) == 0)
            return data;
        var error = Marshal.GetLastPInvokeError();
        return error is NoEntry or NoFolder ? null : throw IoFailure.Translate(new IOException(Marshal.GetPInvokeErrorMessage(error), error), path);
    }

    private static long Int64(byte[] data, int offset) => BitConverter.ToInt64(data, offset);

    private static long Time(byte[] data, int offset) => Int64(data, offset) * 1_000_000_000 + BitConverter.ToUInt32(data, offset + 8);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, [Out] byte[] data);
}

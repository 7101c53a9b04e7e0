using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Disk;

/// <summary>Image files with holes: what was never written occupies nothing on the host's disk.</summary>
public static partial class SparseFile
{
    /// <summary>Only the owner reads and writes: for images that hold secrets.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Readable by all, before the umask.</summary>
    public const UnixFileMode Shared = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int ChunkSize = 1 << 20;

    // What the kernel copies at once: short enough to be cancelled.
    private const long KernelChunkSize = 64 << 20;

    // A hole is made of whole blocks of the host's file system, nearly always this large.
    private const int BlockSize = 4096;

    private const nuint CloneRequest = 0x40049409; // FICLONE of linux/fs.h: ioctl_ficlone(2)
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int ENXIO = 6;
    private const int EXDEV = 18;
    private const int EINVAL = 22;
    private const int ENOSYS = 38;
    private const int EOPNOTSUPP = 95;

    /// <summary>Creates a file that is one hole; replaces what has the name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="mode">Its permissions.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static void Create(string path, long length, UnixFileMode mode = Shared)
    {
        using var file = CreateEmpty(path, mode);
        HostFile.Guard(path, () => RandomAccess.SetLength(file, length));
    }

    /// <summary>
    /// Copies a file: by sharing its blocks where the file system can (btrfs, XFS), else by its data alone, without its holes. Replaces what has the target's name; on failure no target is left.
    /// Nothing is flushed to the disk.
    /// </summary>
    /// <param name="source">The file to copy.</param>
    /// <param name="target">The copy.</param>
    /// <param name="mode">The copy's permissions.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static async Task CopyAsync(string source, string target, UnixFileMode mode, CancellationToken cancellation)
    {
        using var from = HostFile.OpenRead(source);
        using var to = CreateEmpty(target, mode);
        try
        {
            if (Clone(to, CloneRequest, from) != 0 && !await OwnThread.Run(() => TryCopyInKernel(from, to, cancellation), cancellation).ConfigureAwait(false))
                await CopyRangeAsync(from, to, 0, RandomAccess.GetLength(from), cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            File.Delete(target);
            if (e is IOException)
                throw HostFile.Error(target, e);
            throw;
        }
    }

    /// <summary>Copies a part of a file, a partition for example, to a new file without its holes and blocks of zeros.</summary>
    /// <param name="source">The file to copy from.</param>
    /// <param name="offset">Where the part begins, in bytes.</param>
    /// <param name="length">The part's length in bytes.</param>
    /// <param name="target">The copy.</param>
    /// <param name="mode">The copy's permissions.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static async Task CopyPartAsync(string source, long offset, long length, string target, UnixFileMode mode, CancellationToken cancellation)
    {
        using var from = HostFile.OpenRead(source);
        using var to = CreateEmpty(target, mode);
        try
        {
            await CopyRangeAsync(from, to, offset, length, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw HostFile.Error(target, e);
        }
    }

    /// <summary>Tells which parts of a file are holes, so that nobody reads gigabytes of zeros.</summary>
    internal sealed class HoleMap(string path) : IDisposable
    {
        private readonly SafeFileHandle _file = HostFile.OpenRead(path);

        /// <summary>Whether a part is one hole; false when unknown.</summary>
        public bool IsHole(long offset, long length) => NextData(_file, offset, offset + length) >= offset + length;

        public void Dispose() => _file.Dispose();
    }

    private static SafeFileHandle CreateEmpty(string path, UnixFileMode mode) => HostFile.Guard(path, () =>
    {
        // A new file, since an old one would keep its permissions.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        new FileStream(path, options).Dispose();

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    });

    // By copy_file_range(2): nothing passes through this process. False when the kernel does not: from one kind of file system to another.
    private static bool TryCopyInKernel(SafeFileHandle from, SafeFileHandle to, CancellationToken cancellation)
    {
        var length = RandomAccess.GetLength(from);
        RandomAccess.SetLength(to, length);
        for (var position = NextData(from, 0, length); position < length; position = NextData(from, position, length))
        {
            var end = Math.Min(NextHole(from, position), length);
            while (position < end)
            {
                cancellation.ThrowIfCancellationRequested();
                var (source, target) = (position, position);
                var copied = CopyFileRange(from, ref source, to, ref target, (nuint)Math.Min(end - position, KernelChunkSize), 0);
                if (copied < 0)
                    return Marshal.GetLastPInvokeError() is EXDEV or EINVAL or ENOSYS or EOPNOTSUPP ? false
                        : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()), Marshal.GetLastPInvokeError());
                if (copied == 0)
                    throw new EndOfStreamException($"The file ended at byte {position}, {length - position} bytes early.");
                position += copied;
            }
        }

        return true;
    }

    private static async Task CopyRangeAsync(SafeFileHandle from, SafeFileHandle to, long offset, long length, CancellationToken cancellation)
    {
        RandomAccess.SetLength(to, length);
        var buffer = new byte[ChunkSize];
        var end = offset + length;
        for (var position = NextData(from, offset, end); position < end; position = NextData(from, position, end))
        {
            var dataEnd = Math.Min(NextHole(from, position), end);
            while (position < dataEnd)
            {
                var wanted = (int)Math.Min(buffer.Length, dataEnd - position);
                var got = await RandomAccess.ReadAsync(from, buffer.AsMemory(0, wanted), position, cancellation).ConfigureAwait(false);
                if (got == 0)
                    throw new EndOfStreamException($"The file ended at byte {position}, {end - position} bytes early.");
                await WriteDataAsync(to, buffer.AsMemory(0, got), position - offset, cancellation).ConfigureAwait(false);
                position += got;
            }
        }
    }

    private static async Task WriteDataAsync(SafeFileHandle to, ReadOnlyMemory<byte> data, long position, CancellationToken cancellation)
    {
        for (var start = 0; start < data.Length;)
        {
            // One write for each run of blocks that are not all zero.
            var end = start;
            while (end < data.Length && data.Slice(end, Math.Min(BlockSize, data.Length - end)).Span.ContainsAnyExcept((byte)0))
                end = Math.Min(end + BlockSize, data.Length);
            if (end == start)
            {
                start += BlockSize;
                continue;
            }

            await RandomAccess.WriteAsync(to, data[start..end], position + start, cancellation).ConfigureAwait(false);
            start = end;
        }
    }

    // A file system that knows no holes says EINVAL: then all is data.
    private static long NextData(SafeFileHandle file, long position, long end)
    {
        if (position >= end)
            return end;
        var found = Seek(file, position, SeekData);
        return found >= 0 ? found : Marshal.GetLastPInvokeError() == ENXIO ? end : position;
    }

    private static long NextHole(SafeFileHandle file, long position)
        => Seek(file, position, SeekHole) is >= 0 and var found ? found : long.MaxValue;

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(SafeFileHandle source, ref long sourceOffset, SafeFileHandle target, ref long targetOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Clone(SafeFileHandle target, nuint request, SafeFileHandle source);
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>
/// An ext4 file system inside an image, read and edited in place through libext2fs: without root, without a mount.
/// </summary>
/// <remarks>
/// One handle belongs to one thread at a time, its streams included; several handles on different images work in parallel.
/// The library has neither lock nor rollback: a handle takes an advisory lock on the image (shared to read, exclusive to
/// write), and who edits works on a copy that becomes the result only when all went well. Changes reach the file at
/// <see cref="Flush"/> or <see cref="Dispose"/>.
/// <para>Paths are absolute, from the root of the file system, and behave like ordinary paths: symbolic links are followed
/// inside the image, absolute ones from its root.</para>
/// </remarks>
public sealed unsafe partial class Ext4FileSystem : IDisposable
{
    private readonly string _image;
    private readonly IDisposable _lock;
    private readonly Ext2ReaderManager.Source? _source;
    private readonly int _inodeSize;
    private readonly Ext4Time _now;
    private readonly long _offset;
    private nint _fs;

    private Ext4FileSystem(string image, long offset, IDisposable @lock, nint fs, DateTimeOffset epoch)
    {
        _image = image;
        _offset = offset;
        _lock = @lock;
        _source = @lock as Ext2ReaderManager.Source;
        _fs = fs;
        _inodeSize = Super.InodeSize;
        _now = Ext4Time.From(epoch);
    }

    /// <summary>What the superblock says now.</summary>
    public Ext4Statistics Statistics => Super.Statistics;

    private nint Fs => _fs != 0 ? _fs : throw new ObjectDisposedException(nameof(Ext4FileSystem));

    private Ext4SuperBlock Super => new(*(byte**)(Fs + Ext2Fs.SuperOffset));

    private ref int LibraryFlags => ref *(int*)(Fs + Ext2Fs.FlagsOffset);

    /// <summary>Opens a file system.</summary>
    /// <param name="imagePath">The image.</param>
    /// <param name="offsetBytes">Where the file system begins in it; 0 or more.</param>
    /// <param name="writable">Whether it is to be changed.</param>
    /// <param name="epoch">The time of everything that is written here; after 1970.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> without libext2fs;
    /// <see cref="DiagnosticCode.FileAccess"/> when the image cannot be opened or is in use;
    /// <see cref="DiagnosticCode.DamagedFileSystem"/> when there is no ext4, or one that needs repair or journal recovery.</exception>
    public static Ext4FileSystem Open(string imagePath, long offsetBytes, bool writable, DateTimeOffset epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        // The library takes a time of 0 for "not set" and would ask the clock.
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, DateTimeOffset.FromUnixTimeSeconds(1));
        var manager = Ext2Fs.UnixIoManager;
        // The base library takes a flock for these share modes: exclusive for None, shared for Read.
        var guard = HostFile.Guard(imagePath, () => File.OpenHandle(imagePath, FileMode.Open,
            writable ? FileAccess.ReadWrite : FileAccess.Read, writable ? FileShare.None : FileShare.Read));
        return Open(imagePath, offsetBytes, guard, writable, epoch, (out nint fs) =>
            // Of the superblock's copies none is written but by NormalizeTimes: the kernel does the same.
            Ext2Fs.Open(imagePath, $"offset={offsetBytes}", Ext2Fs.Flag64Bits | (writable ? Ext2Fs.FlagReadWrite : 0), 0, 0, manager, out fs));
    }

    /// <summary>Opens a file system to be read from what need not be a file. <paramref name="reader"/> stays open, and its owner's.</summary>
    /// <param name="reader">The image.</param>
    /// <param name="offsetBytes">Where the file system begins in it; 0 or more.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> without libext2fs;
    /// <see cref="DiagnosticCode.DamagedFileSystem"/> when there is no ext4, or one that needs repair or journal recovery; what reading throws.</exception>
    public static Ext4FileSystem Open(ImageReader reader, long offsetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        // Loads the library.
        _ = Ext2Fs.UnixIoManager;
        var source = new Ext2ReaderManager.Source(reader, offsetBytes);
        return Open(reader.Name, offsetBytes, source, writable: false, DateTimeOffset.FromUnixTimeSeconds(1), (out nint fs) =>
        {
            var code = Ext2Fs.Open(source.FileName, null, Ext2Fs.Flag64Bits, 0, 0, Ext2ReaderManager.Address, out fs);
            return source.Failure is null ? code : throw Rethrown(source.Failure);
        });
    }

    private delegate long OpenLibrary(out nint fs);

    private static Ext4FileSystem Open(string imageName, long offsetBytes, IDisposable guard, bool writable, DateTimeOffset epoch, OpenLibrary open)
    {
        nint fs = 0;
        try
        {
            var code = open(out fs);
            if (code != 0)
                throw Ext4Failure.Create(code, $"{imageName} at byte {offsetBytes} cannot be opened as ext4");
            *(long*)(fs + Ext2Fs.NowOffset) = epoch.ToUnixTimeSeconds();
            *(uint*)(fs + Ext2Fs.UmaskOffset) = 0;
            if (new Ext4SuperBlock(*(byte**)(fs + Ext2Fs.SuperOffset)).Damage is { } damage)
                throw DiagnosticCode.DamagedFileSystem.Error($"The ext4 file system at byte {offsetBytes} of {imageName} cannot be used: {damage}.");
            if (writable)
            {
                *(int*)(fs + Ext2Fs.FlagsOffset) |= Ext2Fs.FlagMasterSuperOnly;
                code = Ext2Fs.ReadBitmaps(fs);
                if (code != 0)
                    throw Ext4Failure.Create(code, $"The block and inode bitmaps at byte {offsetBytes} of {imageName} cannot be read");
            }

            return new Ext4FileSystem(imageName, offsetBytes, guard, fs, epoch);
        }
        catch
        {
            if (fs != 0)
                Ext2Fs.Free(fs);
            guard.Dispose();
            throw;
        }
    }

    /// <summary>Writes all changes to the image. The host decides when they reach its disk.</summary>
    /// <exception cref="W4bException">When the image cannot be written.</exception>
    public void Flush() => Check(Ext2Fs.Flush(Fs, Ext2Fs.FlushNoSync), "writing", "/");

    /// <summary>Writes all changes and closes the image.</summary>
    /// <exception cref="W4bException">When the image cannot be written: it is of no use then.</exception>
    public void Dispose()
    {
        if (_fs == 0)
            return;
        var fs = _fs;
        _fs = 0;
        var code = Ext2Fs.Close(fs, Ext2Fs.FlushNoSync);
        if (code != 0)
            Ext2Fs.Free(fs);
        _lock.Dispose();
        Check(code, "closing", "/");
    }

    private void Check(long code, string action, string path)
    {
        if (code != 0 && _source?.Failure is { } failure)
            throw Rethrown(failure);
        if (code != 0)
            throw Ext4Failure.Create(code, $"{action} {path} in {_image} failed");
    }

    // Thrown again from here: the library was between.
    private static Exception Rethrown(Exception failure)
        => failure is W4bException coded ? new W4bException(coded.Diagnostics, coded) : new IOException(failure.Message, failure);

    private Ext4Inode NewBuffer() => new(new byte[Math.Max(_inodeSize, 160)]);

    private Ext4Inode ReadInode(uint inode, string path)
    {
        var buffer = NewBuffer();
        fixed (byte* data = buffer.Data)
            Check(Ext2Fs.ReadInode(Fs, inode, data, _inodeSize), "reading", path);
        return buffer;
    }

    private void WriteInode(uint inode, Ext4Inode buffer, string path)
    {
        fixed (byte* data = buffer.Data)
            Check(Ext2Fs.WriteInode(Fs, inode, data, _inodeSize), "writing", path);
    }
}

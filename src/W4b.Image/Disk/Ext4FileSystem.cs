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
    private readonly Ext2ImageManager.Source _source;
    private readonly int _inodeSize;
    private readonly Ext4Time _now;
    private readonly long _offset;
    private nint _fs;

    private Ext4FileSystem(Ext2ImageManager.Source source, nint fs, DateTimeOffset epoch)
    {
        _image = source.Reader.Name;
        _offset = source.Offset;
        _source = source;
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
        Ext2Fs.Require();
        return Open(new Ext2ImageManager.Source(new LockedImage(imagePath, writable), offsetBytes, ownsReader: true), writable, epoch);
    }

    /// <summary>Opens a file system to be read from what need not be a file. <paramref name="reader"/> stays open, and its owner's.</summary>
    /// <param name="reader">The image.</param>
    /// <param name="offsetBytes">Where the file system begins in it; 0 or more.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> without libext2fs;
    /// <see cref="DiagnosticCode.DamagedFileSystem"/> when there is no ext4, or one that needs repair or journal recovery; what reading throws.</exception>
    public static Ext4FileSystem Open(ImageReader reader, long offsetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        Ext2Fs.Require();
        return Open(new Ext2ImageManager.Source(reader, offsetBytes, ownsReader: false), writable: false, DateTimeOffset.FromUnixTimeSeconds(1));
    }

    private static Ext4FileSystem Open(Ext2ImageManager.Source source, bool writable, DateTimeOffset epoch)
    {
        nint fs = 0;
        try
        {
            // Of the superblock's copies none is written but by NormalizeTimes: the kernel does the same.
            var code = Ext2Fs.Open(source.FileName, null, Ext2Fs.Flag64Bits | (writable ? Ext2Fs.FlagReadWrite : 0), 0, 0, Ext2ImageManager.Address, out fs);
            if (code != 0)
                throw FailureOf(source, code, $"{source.Reader.Name} at byte {source.Offset} cannot be opened as ext4");
            *(long*)(fs + Ext2Fs.NowOffset) = epoch.ToUnixTimeSeconds();
            *(uint*)(fs + Ext2Fs.UmaskOffset) = 0;
            if (new Ext4SuperBlock(*(byte**)(fs + Ext2Fs.SuperOffset)).Damage is { } damage)
                throw DiagnosticCode.DamagedFileSystem.Error($"The ext4 file system at byte {source.Offset} of {source.Reader.Name} cannot be used: {damage}.");
            if (writable)
            {
                *(int*)(fs + Ext2Fs.FlagsOffset) |= Ext2Fs.FlagMasterSuperOnly;
                code = Ext2Fs.ReadBitmaps(fs);
                if (code != 0)
                    throw FailureOf(source, code, $"The block and inode bitmaps at byte {source.Offset} of {source.Reader.Name} cannot be read");
            }

            return new Ext4FileSystem(source, fs, epoch);
        }
        catch
        {
            if (fs != 0)
                Ext2Fs.Free(fs);
            source.Dispose();
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
        _source.Dispose();
        Check(code, "closing", "/");
    }

    private void Check(long code, string action, string path)
    {
        if (code != 0)
            throw FailureOf(_source, code, $"{action} {path} in {_image} failed");
    }

    // What failed below the library is thrown again from here: the library was between.
    private static Exception FailureOf(Ext2ImageManager.Source source, long code, string what) => source.Failure switch
    {
        null => Ext4Failure.Create(code, what),
        W4bException failure => new W4bException(failure.Diagnostics, failure),
        var failure => new IOException(failure.Message, failure),
    };

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

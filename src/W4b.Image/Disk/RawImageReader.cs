using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>A raw image in a file, or on a block device such as an SD card. It is only read.</summary>
public partial class RawImageReader : ImageReader
{
    private const int SeekEnd = 2;
    private readonly string _path;

    /// <summary>Opens it.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>.</exception>
    public RawImageReader(string path) : this(path, HostFile.OpenRead(path))
    {
    }

    private protected RawImageReader(string path, SafeFileHandle file)
    {
        (_path, Handle) = (path, file);
        // fstat(2) gives no length of a device.
        Length = Seek(Handle, 0, SeekEnd);
        if (Length >= 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        Handle.Dispose();
        throw HostFile.Error(path, new IOException(Marshal.GetPInvokeErrorMessage(error), error));
    }

    /// <inheritdoc/>
    public override string Name => _path;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override string RawPath => _path;

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> buffer)
    {
        var done = 0;
        try
        {
            for (int got; done < buffer.Length && (got = RandomAccess.Read(Handle, buffer[done..], offset + done)) > 0;)
                done += got;
        }
        catch (IOException e)
        {
            throw HostFile.Error(_path, e);
        }

        return done;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Handle.Dispose();

    private protected SafeFileHandle Handle { get; }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}

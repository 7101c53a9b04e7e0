using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>A raw image that is edited in place, or read while nobody may edit it: it is locked (flock(2)), shared to be read, exclusive to be written.</summary>
internal sealed class LockedImage : RawImageReader
{
    /// <summary>Opens and locks it.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, also when another has it.</exception>
    public LockedImage(string path, bool writable)
        // The base library takes the lock for these share modes: exclusive for None, shared for Read.
        : base(path, HostFile.Guard(path, () => File.OpenHandle(path, FileMode.Open,
            writable ? FileAccess.ReadWrite : FileAccess.Read, writable ? FileShare.None : FileShare.Read)))
        => IsWritable = writable;

    /// <summary>Whether it may be written.</summary>
    public bool IsWritable { get; }

    /// <summary>Writes <paramref name="data"/> at <paramref name="offset"/>. The host decides when it reaches the disk.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            RandomAccess.Write(Handle, data, offset);
        }
        catch (IOException e)
        {
            throw HostFile.Error(Name, e);
        }
    }
}

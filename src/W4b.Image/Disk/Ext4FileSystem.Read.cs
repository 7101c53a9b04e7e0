using System.Runtime.InteropServices;
using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

public sealed unsafe partial class Ext4FileSystem
{
    // PATH_MAX: symlink(7).
    private const int LongestLink = 4096;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// All entries below a folder, the folder first, each folder before what is in it, names in ordinal order. Read as it
    /// is asked for: no change may be made meanwhile.
    /// </summary>
    /// <param name="path">The folder to begin with.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/> when there is no such path;
    /// <see cref="DiagnosticCode.DamagedFileSystem"/>.</exception>
    public IEnumerable<Ext4Entry> Walk(string path = "/")
    {
        var pending = new Stack<Ext4Entry>([Stat(path)]);
        while (pending.TryPop(out var entry))
        {
            yield return entry;
            if (entry.Type != Ext4FileType.Directory)
                continue;
            foreach (var (name, inode) in List(entry.Inode, entry.Path).OrderByDescending(e => e.Name, StringComparer.Ordinal))
                pending.Push(Describe(inode, Ext4Path.Combine(entry.Path, name)));
        }
    }

    /// <summary>The content of a regular file; symbolic links are followed.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/> when there is no such file.</exception>
    public Stream OpenRead(string path)
    {
        var entry = Stat(path);
        return entry.Type == Ext4FileType.RegularFile
            ? OpenRead(entry)
            : throw DiagnosticCode.PlanPrerequisiteMissing.Error($"{path} in {_image} is no file but: {entry.Type}.");
    }

    /// <summary>The whole content of a regular file of at most 2 GiB.</summary>
    /// <inheritdoc cref="OpenRead(string)" path="/exception"/>
    public byte[] ReadAllBytes(string path)
    {
        using var stream = OpenRead(path);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>The whole content of a regular file as UTF-8 text.</summary>
    /// <inheritdoc cref="OpenRead(string)" path="/exception"/>
    public string ReadAllText(string path) => Encoding.UTF8.GetString(ReadAllBytes(path));

    /// <summary>
    /// The extended attributes of an inode with their full names (<c>security.capability</c>, <c>user.x</c>), in ordinal
    /// order. Values are as on disk: POSIX ACLs (<c>system.posix_acl_access</c>) in the form <see cref="PosixAcl"/> parses.
    /// </summary>
    public IReadOnlyDictionary<string, byte[]> ReadXattrs(uint inode)
    {
        var found = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        WithXattrs(inode, $"inode {inode}", handle =>
        {
            var list = new List<(byte[] Name, byte[] Value)>();
            var state = GCHandle.Alloc(list);
            try
            {
                Check(Ext2Fs.XattrsIterate(handle, &AddXattr, (void*)GCHandle.ToIntPtr(state)), "reading the attributes of", $"inode {inode}");
            }
            finally
            {
                state.Free();
            }

            foreach (var (name, value) in list)
                found[Decode(name, $"inode {inode}")] = value;
        });
        return found;
    }

    /// <summary>What a folder holds, names in ordinal order.</summary>
    internal IEnumerable<Ext4Entry> Children(Ext4Entry folder)
        => List(folder.Inode, folder.Path).OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => Describe(e.Inode, Ext4Path.Combine(folder.Path, e.Name)));

    /// <summary>The blocks of the file system that hold a regular file's content. A very short file's content stands in its inode: it has none.</summary>
    internal IReadOnlySet<long> BlocksOf(Ext4Entry file)
    {
        var blocks = new HashSet<long>();
        for (long block = 0, size = Statistics.BlockSize; block * size < file.Size; block++)
        {
            var kind = 0;
            Check(Ext2Fs.MapBlock(Fs, file.Inode, null, 0, 0, (ulong)block, &kind, out var physical), "mapping", file.Path);
            if (physical != 0)
                blocks.Add((long)physical);
        }

        return blocks;
    }

    internal Stream OpenRead(Ext4Entry entry)
    {
        Check(Ext2Fs.FileOpen(Fs, entry.Inode, null, 0, out var file), "opening", entry.Path);
        return new Ext4FileStream(this, file, entry.Path, entry.Size);
    }

    internal int ReadFile(nint file, long position, Span<byte> buffer, string path)
    {
        ObjectDisposedException.ThrowIf(_fs == 0, this);
        Check(Ext2Fs.FileSeek(file, (ulong)position, Ext2Fs.SeekSet, out _), "seeking in", path);
        fixed (byte* data = buffer)
        {
            Check(Ext2Fs.FileRead(file, data, (uint)buffer.Length, out var got), "reading", path);
            return (int)got;
        }
    }

    private Ext4Entry Describe(uint number, string path)
    {
        var inode = ReadInode(number, path);
        var type = inode.Type;
        var (major, minor) = type is Ext4FileType.CharacterDevice or Ext4FileType.BlockDevice ? inode.Device : default;
        return new Ext4Entry
        {
            Path = path,
            Inode = number,
            Type = type,
            Mode = inode.Mode,
            Uid = inode.Uid,
            Gid = inode.Gid,
            Size = inode.Size,
            ModifiedTime = inode.ModifiedTime,
            AccessTime = inode.AccessTime,
            ChangeTime = inode.ChangeTime,
            LinkCount = inode.LinkCount,
            DeviceMajor = major,
            DeviceMinor = minor,
            LinkTarget = type == Ext4FileType.SymbolicLink ? ReadLink(number, inode, path) : null,
        };
    }

    // A short target stands in the inode itself, where other files keep their block numbers.
    private string ReadLink(uint number, Ext4Inode inode, string path)
    {
        fixed (byte* data = inode.Data)
        {
            if ((inode.Flags & Ext4Inode.InlineDataFlag) == 0 && Ext2Fs.IsFastSymlink(data) != 0)
                return Decode(inode.Blocks[..(int)inode.Size], path);
        }

        if (inode.Size is < 0 or > LongestLink)
            throw DiagnosticCode.DamagedFileSystem.Error($"The symbolic link {path} in {_image} claims to be {inode.Size} bytes long.");
        Check(Ext2Fs.FileOpen(Fs, number, null, 0, out var file), "opening", path);
        using var stream = new Ext4FileStream(this, file, path, inode.Size);
        var target = new byte[inode.Size];
        stream.ReadExactly(target);
        return Decode(target, path);
    }

    private List<(string Name, uint Inode)> List(uint directory, string path)
    {
        var entries = new List<(byte[] Name, uint Inode)>();
        var state = GCHandle.Alloc(entries);
        try
        {
            Check(Ext2Fs.IterateDirectory(Fs, directory, 0, 0, &AddEntry, (void*)GCHandle.ToIntPtr(state)), "listing", path);
        }
        finally
        {
            state.Free();
        }

        return entries.ConvertAll(e => (Decode(e.Name, path), e.Inode));
    }

    private void WithXattrs(uint inode, string path, Action<nint> action)
    {
        Check(Ext2Fs.XattrsOpen(Fs, inode, out var handle), "reading the attributes of", path);
        try
        {
            // Without this flag the library converts POSIX ACLs between their disk form and that of getxattr(2).
            var raw = Ext2Fs.XattrHandleRaw;
            Check(Ext2Fs.XattrsFlags(handle, &raw, null), "reading the attributes of", path);
            Check(Ext2Fs.XattrsRead(handle), "reading the attributes of", path);
            action(handle);
        }
        finally
        {
            // Frees memory and nothing else: there is no result to act on.
            _ = Ext2Fs.XattrsClose(ref handle);
        }
    }

    private string Decode(ReadOnlySpan<byte> name, string path)
    {
        try
        {
            return s_utf8.GetString(name);
        }
        catch (DecoderFallbackException e)
        {
            throw DiagnosticCode.DamagedFileSystem.Error($"{path} in {_image} has a name that is not UTF-8: {Convert.ToHexString(name)}.", inner: e);
        }
    }

    // Called by the library: an exception must not pass through it.
    [UnmanagedCallersOnly]
    private static int AddEntry(uint directory, int kind, byte* entry, int offset, int blockSize, byte* buffer, void* state)
    {
        if (kind == Ext2Fs.DirentOtherFile)
            ((List<(byte[], uint)>)GCHandle.FromIntPtr((nint)state).Target!).Add((EntryName(entry).ToArray(), *(uint*)entry));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int AddXattr(byte* name, byte* value, nuint length, void* state)
    {
        ((List<(byte[], byte[])>)GCHandle.FromIntPtr((nint)state).Target!).Add(
            (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).ToArray(), new Span<byte>(value, (int)length).ToArray()));
        return 0;
    }

    // struct ext2_dir_entry_2: inode (4 bytes), record length (2), name length (1), file type (1), name.
    private static ReadOnlySpan<byte> EntryName(byte* entry) => new(entry + 8, entry[6]);
}

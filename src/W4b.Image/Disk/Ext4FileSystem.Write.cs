using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

// The times of folders stay as they are when something is put into or taken from them: they say nothing about a hive, and
// every inode left alone is a block of the image left alone.
public sealed unsafe partial class Ext4FileSystem
{
    private const int CopyBufferSize = 1 << 20;

    // struct ext2_dir_entry: the length of a name is one byte.
    private const int LongestName = 255;

    /// <summary>Writes a file and replaces what had the name before: a symbolic link itself, not what it points at, and of a
    /// hard-linked file only this name.</summary>
    /// <param name="path">The file's absolute path; its folder must exist.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">The permissions, with the set-id and sticky bits.</param>
    /// <param name="uid">The owner.</param>
    /// <param name="gid">The group.</param>
    /// <param name="modified">The modification time; the epoch when null.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanNotApplicable"/> when the folder does not exist or a folder
    /// has this name; <see cref="DiagnosticCode.ImageFull"/>, with nothing changed when the content's length was known.</exception>
    public void WriteFile(string path, ReadOnlySpan<byte> content, UnixFileMode mode, uint uid, uint gid, DateTimeOffset? modified = null)
    {
        fixed (byte* data = content)
        {
            // An empty span has no address, which the stream insists on.
            using Stream stream = content.IsEmpty ? Stream.Null : new UnmanagedMemoryStream(data, content.Length);
            WriteFile(path, stream, mode, uid, gid, modified);
        }
    }

    /// <inheritdoc cref="WriteFile(string, ReadOnlySpan{byte}, UnixFileMode, uint, uint, DateTimeOffset?)"/>
    public void WriteFile(string path, Stream content, UnixFileMode mode, uint uid, uint gid, DateTimeOffset? modified = null)
    {
        var place = PlaceOfFile(path);
        // The inode of the old file is used again when nobody else has it: fewer blocks of the image change.
        var reused = place.Existing is { Type: Ext4FileType.RegularFile, LinkCount: 1 } old ? old.Inode : (uint?)null;
        var inode = NewBuffer();
        inode.InitializeFile(Super.WantedExtraSize, Super.HasExtents);
        inode.Mode = mode;
        inode.Uid = uid;
        inode.Gid = gid;
        inode.ModifiedTime = modified is { } time ? Ext4Time.From(time) : _now;
        inode.AccessTime = inode.ChangeTime = inode.CreationTime = _now;

        if (content.CanSeek)
            RequireRoom(content.Length - content.Position, path);
        if (reused is { } used)
        {
            ReleaseContent(used, path);
            Fill(used, inode, content, path);
            return;
        }

        Check(Ext2Fs.NewInode(Fs, place.Folder, inode.RawMode, 0, out var number), "allocating", path);
        Ext2Fs.InodeAllocStats(Fs, number, 1, 0);
        Fill(number, inode, content, path);
        Enter(place, number, Ext4FileType.RegularFile);
    }

    /// <summary>Makes a folder. One that exists, perhaps behind a symbolic link, keeps its content and gets this mode and owner.</summary>
    /// <param name="path">The folder's absolute path.</param>
    /// <param name="mode">The permissions, with the set-id and sticky bits.</param>
    /// <param name="uid">The owner.</param>
    /// <param name="gid">The group.</param>
    /// <param name="parents">Whether missing folders above are made too, as 0755 of root.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanNotApplicable"/> when the folder above does not exist or
    /// something else has this name; <see cref="DiagnosticCode.ImageFull"/>.</exception>
    public void CreateDirectory(string path, UnixFileMode mode, uint uid, uint gid, bool parents = false)
    {
        if (Find(path) is { } existing)
        {
            if (existing.Type != Ext4FileType.Directory)
                throw NotApplicable(path, $"there is already something else: {existing.Type}");
            SetAttributes(path, mode, uid, gid);
            return;
        }

        var above = Path.GetDirectoryName(path.TrimEnd('/'))!;
        if (parents && Find(above) is null)
            CreateDirectory(above, (UnixFileMode)0b111_101_101, 0, 0, parents: true);
        var place = Place(path);
        if (place.Existing is not null)
            throw NotApplicable(path, "a symbolic link that leads nowhere has this name");

        Check(Ext2Fs.NewInode(Fs, place.Folder, 0x4000, 0, out var number), "allocating", path);
        // Given a name, the library would leave the new inode behind when linking it fails.
        Check(Ext2Fs.MakeDirectory(Fs, place.Folder, number, null), "making the folder", path);
        Enter(place, number, Ext4FileType.Directory);
        var inode = ReadInode(number, path);
        inode.Mode = mode;
        inode.Uid = uid;
        inode.Gid = gid;
        SetAllTimes(inode);
        WriteInode(number, inode, path);
    }

    /// <summary>Makes a symbolic link and replaces what had the name before.</summary>
    /// <param name="path">The link's absolute path; its folder must exist.</param>
    /// <param name="target">Where it points; need not exist. At most 4095 bytes.</param>
    /// <param name="uid">The owner.</param>
    /// <param name="gid">The group.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanNotApplicable"/> when the folder does not exist, a folder
    /// has this name or the target is too long; <see cref="DiagnosticCode.ImageFull"/>.</exception>
    public void CreateSymlink(string path, string target, uint uid = 0, uint gid = 0)
    {
        if (s_utf8.GetByteCount(target) is 0 or >= LongestLink)
            throw NotApplicable(path, $"a symbolic link needs a target of 1 to {LongestLink - 1} bytes");
        var place = PlaceOfFile(path);
        Check(Ext2Fs.NewInode(Fs, place.Folder, 0xA1FF, 0, out var number), "allocating", path);
        Check(Ext2Fs.MakeSymlink(Fs, place.Folder, number, null, target), "making the link", path);
        var inode = ReadInode(number, path);
        inode.Uid = uid;
        inode.Gid = gid;
        SetAllTimes(inode);
        WriteInode(number, inode, path);
        Enter(place, number, Ext4FileType.SymbolicLink);
    }

    /// <summary>Removes a name, and with an inode's last name its content and attributes. A symbolic link is removed itself.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="recursive">Whether a folder that is not empty goes with all it holds.</param>
    /// <returns>Whether there was something.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanNotApplicable"/> when the folder is not empty, or is the root.</exception>
    public bool Delete(string path, bool recursive = false)
    {
        if (Find(path, followLinks: false) is not { } entry)
            return false;
        var place = Place(path);
        var isDirectory = entry.Type == Ext4FileType.Directory;
        if (isDirectory && !recursive && List(entry.Inode, path).Count > 0)
            throw NotApplicable(path, "the folder to delete is not empty");

        Check(Ext2Fs.Unlink(Fs, place.Folder, place.Name, entry.Inode, 0), "unlinking", path);
        if (isDirectory)
        {
            ReleaseTree(entry.Inode, path);
            ForgetSubfolder(place.Folder, path);
        }
        else
        {
            Release(entry.Inode, path);
        }

        return true;
    }

    /// <summary>Changes attributes of what is at a path; what is null stays.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="mode">The permissions, with the set-id and sticky bits.</param>
    /// <param name="uid">The owner.</param>
    /// <param name="gid">The group.</param>
    /// <param name="modified">The modification time.</param>
    /// <param name="followLinks">Whether a symbolic link in the path's last place is followed.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/> when there is nothing.</exception>
    public void SetAttributes(string path, UnixFileMode? mode = null, uint? uid = null, uint? gid = null,
        DateTimeOffset? modified = null, bool followLinks = true)
    {
        var number = Stat(path, followLinks).Inode;
        var inode = ReadInode(number, path);
        var before = inode.Data.ToArray();
        inode.Mode = mode ?? inode.Mode;
        inode.Uid = uid ?? inode.Uid;
        inode.Gid = gid ?? inode.Gid;
        if (modified is { } time)
            inode.ModifiedTime = Ext4Time.From(time);
        if (before.AsSpan().SequenceEqual(inode.Data))
            return;
        inode.ChangeTime = _now;
        WriteInode(number, inode, path);
    }

    /// <summary>Sets or removes an extended attribute.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="name">The full name, <c>security.capability</c>.</param>
    /// <param name="value">The value as on disk (see <see cref="ReadXattrs"/>); null removes the attribute.</param>
    /// <param name="followLinks">Whether a symbolic link in the path's last place is followed.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/> when there is no such path;
    /// <see cref="DiagnosticCode.PlanNotApplicable"/> when the attributes do not fit their block.</exception>
    public void SetXattr(string path, string name, byte[]? value, bool followLinks = true)
        => WithXattrs(Stat(path, followLinks).Inode, path, handle =>
        {
            if (value is null)
            {
                var code = Ext2Fs.XattrRemove(handle, name);
                Check(code == Ext2Fs.EaKeyNotFound ? 0 : code, $"removing {name} of", path);
                return;
            }

            // An empty array has no address; the library wants one even for a length of 0.
            fixed (byte* data = value.Length == 0 ? new byte[1] : value)
                Check(Ext2Fs.XattrSet(handle, name, data, (nuint)value.Length), $"setting {name} of", path);
        });

    // When the library runs out of blocks it leaves a damaged extent tree behind: better to know before.
    private void RequireRoom(long length, string path)
    {
        var statistics = Statistics;
        var blocks = length / statistics.BlockSize + 1;
        // Some blocks more than the content's: the extent tree's and perhaps one for the folder.
        if (blocks + blocks / 256 + 16 > statistics.FreeBlocks)
            throw DiagnosticCode.ImageFull.Error($"{path} ({length} bytes) does not fit into {_image}, which has {statistics.FreeBlocks * statistics.BlockSize} bytes free.");
    }

    private void Fill(uint number, Ext4Inode inode, Stream content, string path)
    {
        WriteInode(number, inode, path);
        Check(Ext2Fs.FileOpen(Fs, number, null, Ext2Fs.FileWritable, out var file), "opening", path);
        try
        {
            var buffer = new byte[content.CanSeek ? (int)Math.Clamp(content.Length, 1, CopyBufferSize) : CopyBufferSize];
            for (int got; (got = content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
                fixed (byte* data = buffer)
                    Check(Ext2Fs.FileWrite(file, data, (uint)got, out _), "writing", path);
        }
        catch
        {
            // The first failure is the one to report.
            _ = Ext2Fs.FileClose(file);
            throw;
        }

        Check(Ext2Fs.FileClose(file), "writing", path);

        // Newer libraries set the times of a file whenever they write to it.
        var written = ReadInode(number, path);
        written.ModifiedTime = inode.ModifiedTime;
        written.ChangeTime = inode.ChangeTime;
        WriteInode(number, written, path);
    }

    private void SetAllTimes(Ext4Inode inode)
        => inode.ModifiedTime = inode.AccessTime = inode.ChangeTime = inode.CreationTime = _now;

    private sealed record EntryPlace(uint Folder, string Name, Ext4Entry? Existing, string Path);

    private EntryPlace PlaceOfFile(string path)
        => Place(path) is var place && place.Existing?.Type != Ext4FileType.Directory
            ? place
            : throw NotApplicable(path, "a folder has this name");

    private EntryPlace Place(string path)
    {
        Ext4Path.ThrowIfRelative(path);
        var steps = Ext4Path.Split(path);
        if (steps is [] or [.., "." or ".."])
            throw NotApplicable(path, "it names no entry of a folder");
        var name = steps[^1];
        if (s_utf8.GetByteCount(name) > LongestName)
            throw NotApplicable(path, $"its name is longer than {LongestName} bytes");
        var above = "/" + string.Join('/', steps[..^1]);
        if (Find(above) is not { Type: Ext4FileType.Directory } folder)
            throw NotApplicable(path, $"there is no folder {above}");
        var existing = Lookup(folder.Inode, name, path) is { } number ? Describe(number, Ext4Path.Combine(folder.Path, name)) : null;
        return new EntryPlace(folder.Inode, name, existing, path);
    }

    // Gives the inode its name. The entry of what had the name before is changed where it stands, which keeps the index of
    // a large folder valid, and the old inode loses a name.
    private void Enter(EntryPlace place, uint number, Ext4FileType type)
    {
        if (place.Existing is { } old)
        {
            var change = new EntryChange(s_utf8.GetBytes(place.Name), number, type);
            var state = GCHandle.Alloc(change);
            try
            {
                Check(Ext2Fs.IterateDirectory(Fs, place.Folder, 0, 0, &ChangeEntry, (void*)GCHandle.ToIntPtr(state)), "replacing", place.Path);
            }
            finally
            {
                state.Free();
            }

            Release(old.Inode, place.Path);
            return;
        }

        var code = Ext2Fs.Link(Fs, place.Folder, place.Name, number, (int)type);
        if (code == Ext2Fs.DirNoSpace)
        {
            Check(Ext2Fs.ExpandDirectory(Fs, place.Folder), "enlarging the folder of", place.Path);
            code = Ext2Fs.Link(Fs, place.Folder, place.Name, number, (int)type);
        }

        Check(code, "linking", place.Path);
    }

    private sealed record EntryChange(byte[] Name, uint Inode, Ext4FileType Type);

    // Called by the library: an exception must not pass through it.
    [UnmanagedCallersOnly]
    private static int ChangeEntry(uint directory, int kind, byte* entry, int offset, int blockSize, byte* buffer, void* state)
    {
        var change = (EntryChange)GCHandle.FromIntPtr((nint)state).Target!;
        if (kind != Ext2Fs.DirentOtherFile || !EntryName(entry).SequenceEqual(change.Name))
            return 0;
        *(uint*)entry = change.Inode;
        entry[7] = (byte)change.Type;
        return Ext2Fs.DirentChanged | Ext2Fs.DirentAbort;
    }

    // Takes one name from an inode that is no folder; with the last one it is freed.
    private void Release(uint number, string path)
    {
        var inode = ReadInode(number, path);
        if (inode.LinkCount > 1)
        {
            inode.LinkCount--;
            inode.ChangeTime = _now;
            WriteInode(number, inode, path);
            return;
        }

        FreeInode(number, isDirectory: false, path);
    }

    private void ReleaseTree(uint folder, string path)
    {
        foreach (var (name, number) in List(folder, path))
        {
            var below = Ext4Path.Combine(path, name);
            if (ReadInode(number, below).Type == Ext4FileType.Directory)
                ReleaseTree(number, below);
            else
                Release(number, below);
        }

        FreeInode(folder, isDirectory: true, path);
    }

    private void FreeInode(uint number, bool isDirectory, string path)
    {
        ReleaseContent(number, path);
        var inode = ReadInode(number, path);
        inode.LinkCount = 0;
        inode.DeletionTime = (uint)_now.Seconds;
        WriteInode(number, inode, path);
        Ext2Fs.InodeAllocStats(Fs, number, -1, isDirectory ? 1 : 0);
    }

    private void ReleaseContent(uint number, string path)
    {
        var inode = ReadInode(number, path);
        fixed (byte* data = inode.Data)
        {
            Check(Ext2Fs.FreeXattrBlock(Fs, number, data), "freeing the attributes of", path);
            if (Ext2Fs.HasValidBlocks(Fs, data) != 0)
                Check(Ext2Fs.Punch(Fs, number, data, 0, 0, ulong.MaxValue), "freeing", path);
        }
    }

    // A folder's ".." is a name of the folder above. A count of 1 stands for "more than can be counted" (dir_nlink).
    private void ForgetSubfolder(uint folder, string path)
    {
        var inode = ReadInode(folder, path);
        if (inode.LinkCount <= 2)
            return;
        inode.LinkCount--;
        WriteInode(folder, inode, path);
    }

    private W4bException NotApplicable(string path, string why)
        => DiagnosticCode.PlanNotApplicable.Error($"{path} cannot be written into {_image}: {why}.");
}

using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>
/// The functions of libext2fs.so.2 (e2fsprogs 1.44 or newer, 64-bit hosts) that are used here, under their C names without
/// the prefix. All return an errcode: 0, an errno, or a code of the library's own table.
/// </summary>
internal static unsafe partial class Ext2Fs
{
    private const string Library = "libext2fs.so.2";
    private const string ComErr = "libcom_err.so.2";

    // struct struct_ext2_filsys (ext2fs.h): the same offsets in 1.44 to 1.47.4.
    internal const int FlagsOffset = 16;
    internal const int SuperOffset = 32;
    internal const int BlockSizeOffset = 40;
    internal const int InodeMapOffset = 80;
    internal const int BlockMapOffset = 88;
    internal const int UmaskOffset = 176;
    internal const int NowOffset = 184;

    internal const int FlagReadWrite = 0x1;
    internal const int FlagChanged = 0x2;
    internal const int FlagDirty = 0x4;
    internal const int FlagMasterSuperOnly = 0x200;
    internal const int Flag64Bits = 0x20000;
    internal const int FlushNoSync = 1;

    internal const int FileWritable = 1;
    internal const int SeekSet = 0;
    internal const int BlockReadOnly = 8;
    internal const int DirentChanged = 1;
    internal const int DirentAbort = 2;
    internal const int DirentOtherFile = 3;
    internal const uint XattrHandleRaw = 1;

    internal const uint BadBlocksInode = 1;
    internal const uint RootInode = 2;

    // ext2_err.h
    internal const long BadMagic = 2133571347;
    internal const long DirNoSpace = 2133571366;
    internal const long BlockAllocFail = 2133571400;
    internal const long InodeAllocFail = 2133571401;
    internal const long FileNotFound = 2133571404;
    internal const long EaKeyNotFound = 2133571490;
    internal const long EaNoSpace = 2133571491;

    private static readonly Lazy<bool> s_loaded = new(Load);

    /// <summary>Loads the library, once.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> when the host has no libext2fs.</exception>
    internal static void Require() => _ = s_loaded.Value;

    /// <summary>The text of an errcode.</summary>
    internal static string Message(long code)
        => Marshal.PtrToStringUTF8(ErrorMessage(code)) ?? $"error {code}";

    private static bool Load()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(Ext2Fs).Assembly, null, out _)
            || !NativeLibrary.TryLoad(ComErr, typeof(Ext2Fs).Assembly, null, out _))
            throw DiagnosticCode.ToolMissing.Error($"The library {Library} is not on this machine (Debian package libext2fs2).");
        InitializeErrorTable();
        return true;
    }

    [LibraryImport(ComErr, EntryPoint = "error_message")]
    private static partial nint ErrorMessage(long code);

    [LibraryImport(Library, EntryPoint = "initialize_ext2_error_table")]
    private static partial void InitializeErrorTable();

    [LibraryImport(Library, EntryPoint = "ext2fs_open2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long Open(string name, string? ioOptions, int flags, int superblock, uint blockSize, nint manager, out nint fs);

    [LibraryImport(Library, EntryPoint = "ext2fs_read_bitmaps")]
    internal static partial long ReadBitmaps(nint fs);

    [LibraryImport(Library, EntryPoint = "ext2fs_find_first_set_block_bitmap2")]
    internal static partial long FindFirstUsedBlock(nint bitmap, ulong start, ulong end, out ulong found);

    [LibraryImport(Library, EntryPoint = "ext2fs_find_first_zero_block_bitmap2")]
    internal static partial long FindFirstFreeBlock(nint bitmap, ulong start, ulong end, out ulong found);

    [LibraryImport(Library, EntryPoint = "ext2fs_flush2")]
    internal static partial long Flush(nint fs, int flags);

    [LibraryImport(Library, EntryPoint = "ext2fs_close2")]
    internal static partial long Close(nint fs, int flags);

    [LibraryImport(Library, EntryPoint = "ext2fs_free")]
    internal static partial void Free(nint fs);

    [LibraryImport(Library, EntryPoint = "ext2fs_read_inode_full")]
    internal static partial long ReadInode(nint fs, uint inode, byte* buffer, int size);

    [LibraryImport(Library, EntryPoint = "ext2fs_write_inode_full")]
    internal static partial long WriteInode(nint fs, uint inode, byte* buffer, int size);

    [LibraryImport(Library, EntryPoint = "ext2fs_open_inode_scan")]
    internal static partial long OpenInodeScan(nint fs, int bufferBlocks, out nint scan);

    [LibraryImport(Library, EntryPoint = "ext2fs_get_next_inode_full")]
    internal static partial long NextInode(nint scan, out uint inode, byte* buffer, int size);

    [LibraryImport(Library, EntryPoint = "ext2fs_close_inode_scan")]
    internal static partial void CloseInodeScan(nint scan);

    [LibraryImport(Library, EntryPoint = "ext2fs_dir_iterate2")]
    internal static partial long IterateDirectory(nint fs, uint directory, int flags, nint blockBuffer,
        delegate* unmanaged<uint, int, byte*, int, int, byte*, void*, int> function, void* state);

    [LibraryImport(Library, EntryPoint = "ext2fs_lookup")]
    internal static partial long Lookup(nint fs, uint directory, byte* name, int nameLength, nint buffer, out uint inode);

    [LibraryImport(Library, EntryPoint = "ext2fs_new_inode")]
    internal static partial long NewInode(nint fs, uint directory, int mode, nint map, out uint inode);

    [LibraryImport(Library, EntryPoint = "ext2fs_inode_alloc_stats2")]
    internal static partial void InodeAllocStats(nint fs, uint inode, int inUse, int isDirectory);

    [LibraryImport(Library, EntryPoint = "ext2fs_mkdir", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long MakeDirectory(nint fs, uint parent, uint inode, string? name);

    [LibraryImport(Library, EntryPoint = "ext2fs_symlink", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long MakeSymlink(nint fs, uint parent, uint inode, string? name, string target);

    [LibraryImport(Library, EntryPoint = "ext2fs_link", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long Link(nint fs, uint directory, string name, uint inode, int fileType);

    [LibraryImport(Library, EntryPoint = "ext2fs_unlink", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long Unlink(nint fs, uint directory, string name, uint inode, int flags);

    [LibraryImport(Library, EntryPoint = "ext2fs_expand_dir")]
    internal static partial long ExpandDirectory(nint fs, uint directory);

    [LibraryImport(Library, EntryPoint = "ext2fs_inode_has_valid_blocks2")]
    internal static partial int HasValidBlocks(nint fs, byte* inode);

    [LibraryImport(Library, EntryPoint = "ext2fs_block_iterate3")]
    internal static partial long IterateBlocks(nint fs, uint inode, int flags, nint blockBuffer,
        delegate* unmanaged<nint, ulong*, long, ulong, int, void*, int> function, void* state);

    [LibraryImport(Library, EntryPoint = "ext2fs_find_first_zero_block_bitmap2")]
    internal static partial long FindFreeBlock(nint bitmap, ulong start, ulong end, out ulong block);

    [LibraryImport(Library, EntryPoint = "ext2fs_find_first_zero_inode_bitmap2")]
    internal static partial long FindFreeInode(nint bitmap, uint start, uint end, out uint inode);

    [LibraryImport(Library, EntryPoint = "ext2fs_inode_table_loc")]
    internal static partial ulong InodeTable(nint fs, uint group);

    [LibraryImport(Library, EntryPoint = "ext2fs_is_fast_symlink")]
    internal static partial int IsFastSymlink(byte* inode);

    [LibraryImport(Library, EntryPoint = "ext2fs_punch")]
    internal static partial long Punch(nint fs, uint inode, byte* inodeBuffer, nint blockBuffer, ulong start, ulong end);

    [LibraryImport(Library, EntryPoint = "ext2fs_free_ext_attr")]
    internal static partial long FreeXattrBlock(nint fs, uint inode, byte* inodeBuffer);

    [LibraryImport(Library, EntryPoint = "ext2fs_bmap2")]
    internal static partial long MapBlock(nint fs, uint inode, byte* inodeBuffer, nint blockBuffer, int flags, ulong block, int* kind, out ulong physical);

    [LibraryImport(Library, EntryPoint = "ext2fs_file_open2")]
    internal static partial long FileOpen(nint fs, uint inode, byte* inodeBuffer, int flags, out nint file);

    [LibraryImport(Library, EntryPoint = "ext2fs_file_close")]
    internal static partial long FileClose(nint file);

    [LibraryImport(Library, EntryPoint = "ext2fs_file_llseek")]
    internal static partial long FileSeek(nint file, ulong offset, int whence, out ulong position);

    [LibraryImport(Library, EntryPoint = "ext2fs_file_read")]
    internal static partial long FileRead(nint file, byte* buffer, uint wanted, out uint got);

    [LibraryImport(Library, EntryPoint = "ext2fs_file_write")]
    internal static partial long FileWrite(nint file, byte* buffer, uint count, out uint written);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattrs_open")]
    internal static partial long XattrsOpen(nint fs, uint inode, out nint handle);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattrs_flags")]
    internal static partial long XattrsFlags(nint handle, uint* newFlags, uint* oldFlags);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattrs_read")]
    internal static partial long XattrsRead(nint handle);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattrs_iterate")]
    internal static partial long XattrsIterate(nint handle,
        delegate* unmanaged<byte*, byte*, nuint, void*, int> function, void* state);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattr_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long XattrSet(nint handle, string name, byte* value, nuint length);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattr_remove", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long XattrRemove(nint handle, string name);

    [LibraryImport(Library, EntryPoint = "ext2fs_xattrs_close")]
    internal static partial long XattrsClose(ref nint handle);
}

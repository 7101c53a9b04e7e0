using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace W4b.Image.Disk;

/// <summary>
/// The io manager of libext2fs (ext2_io.h) that is used here: it reads an <see cref="ImageReader"/>, so that what is compressed needs not be
/// unpacked to be looked into, and writes to a <see cref="LockedImage"/>. The library's own, unix_io_manager, has the kernel write the whole
/// file to the disk whenever it opens one, and everybody waits. Its "file name" is the handle of a <see cref="Source"/>.
/// </summary>
internal static unsafe class Ext2ImageManager
{
    // ext2_err.h, in the order of its list: ... io_channel, unix_io_channel, io_manager.
    private const long MagicChannel = 2133571333;
    private const long MagicManager = 2133571335;
    private const long BadArgument = 22; // EINVAL
    private const long InputOutput = 5; // EIO
    private const long ReadOnly = 30; // EROFS

    private static readonly Manager* s_manager = Create();

    /// <summary>Its address, for ext2fs_open2.</summary>
    internal static nint Address => (nint)s_manager;

    private static Manager* Create()
    {
        var manager = (Manager*)NativeMemory.AllocZeroed((nuint)sizeof(Manager));
        manager->Magic = MagicManager;
        manager->Name = (byte*)Marshal.StringToCoTaskMemUTF8("w4b");
        manager->Open = &Open;
        manager->Close = &Close;
        manager->SetBlockSize = &SetBlockSize;
        manager->Read = &Read32;
        manager->Read64 = &Read64;
        manager->Write = &Write32;
        manager->Write64 = &Write64;
        manager->Flush = &Flush;
        return manager;
    }

    [UnmanagedCallersOnly]
    private static long Open(byte* name, int flags, Channel** channel)
    {
        if (!nint.TryParse(Marshal.PtrToStringUTF8((nint)name), out var handle))
            return BadArgument;
        var made = (Channel*)NativeMemory.AllocZeroed((nuint)sizeof(Channel));
        made->Magic = MagicChannel;
        made->Manager = s_manager;
        // For the library's messages; it frees nothing of ours.
        made->Name = s_manager->Name;
        made->BlockSize = 1024;
        made->ReferenceCount = 1;
        made->PrivateData = handle;
        *channel = made;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static long Close(Channel* channel)
    {
        if (--channel->ReferenceCount == 0)
            NativeMemory.Free(channel);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static long SetBlockSize(Channel* channel, int size)
    {
        channel->BlockSize = size;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static long Read32(Channel* channel, ulong block, int count, byte* data) => Read(channel, block, count, data);

    [UnmanagedCallersOnly]
    private static long Read64(Channel* channel, ulong block, int count, byte* data) => Read(channel, block, count, data);

    [UnmanagedCallersOnly]
    private static long Write32(Channel* channel, ulong block, int count, byte* data) => Write(channel, block, count, data);

    [UnmanagedCallersOnly]
    private static long Write64(Channel* channel, ulong block, int count, byte* data) => Write(channel, block, count, data);

    [UnmanagedCallersOnly]
    private static long Flush(Channel* channel) => 0;

    // No exception may pass through the library: it is kept, and thrown by who called it.
    private static long Read(Channel* channel, ulong block, int count, byte* data)
    {
        var source = SourceOf(channel);
        try
        {
            var buffer = Buffer(channel, count, data);
            var got = source.Reader.Read(Place(source, channel, block), buffer);
            if (got == buffer.Length)
                return 0;
            buffer[got..].Clear();
            return InputOutput;
        }
        catch (Exception e)
        {
            source.Failure ??= e;
            return InputOutput;
        }
    }

    private static long Write(Channel* channel, ulong block, int count, byte* data)
    {
        var source = SourceOf(channel);
        if (source.Reader is not LockedImage { IsWritable: true } image)
            return ReadOnly;
        try
        {
            image.Write(Place(source, channel, block), Buffer(channel, count, data));
            return 0;
        }
        catch (Exception e)
        {
            source.Failure ??= e;
            return InputOutput;
        }
    }

    private static Source SourceOf(Channel* channel) => (Source)GCHandle.FromIntPtr(channel->PrivateData).Target!;

    private static long Place(Source source, Channel* channel, ulong block) => source.Offset + checked((long)block * channel->BlockSize);

    // A negative count is one of bytes.
    private static Span<byte> Buffer(Channel* channel, int count, byte* data)
        => new(data, checked((int)(count < 0 ? -(long)count : (long)count * channel->BlockSize)));

    /// <summary>What a file system is in, alive while it is open.</summary>
    internal sealed class Source : IDisposable
    {
        private readonly bool _ownsReader;
        private GCHandle _handle;

        internal Source(ImageReader reader, long offset, bool ownsReader)
        {
            (Reader, Offset, _ownsReader) = (reader, offset, ownsReader);
            _handle = GCHandle.Alloc(this);
        }

        internal ImageReader Reader { get; }

        internal long Offset { get; }

        internal Exception? Failure { get; set; }

        internal string FileName => GCHandle.ToIntPtr(_handle).ToString(System.Globalization.CultureInfo.InvariantCulture);

        public void Dispose()
        {
            _handle.Free();
            if (_ownsReader)
                Reader.Dispose();
        }
    }

    // struct_io_manager; what stays null the library does without.
    [StructLayout(LayoutKind.Sequential)]
    private struct Manager
    {
        public long Magic;
        public byte* Name;
        public delegate* unmanaged<byte*, int, Channel**, long> Open;
        public delegate* unmanaged<Channel*, long> Close;
        public delegate* unmanaged<Channel*, int, long> SetBlockSize;
        public delegate* unmanaged<Channel*, ulong, int, byte*, long> Read;
        public delegate* unmanaged<Channel*, ulong, int, byte*, long> Write;
        public delegate* unmanaged<Channel*, long> Flush;
        public nint WriteByte;
        public nint SetOption;
        public nint GetStats;
        public delegate* unmanaged<Channel*, ulong, int, byte*, long> Read64;
        public delegate* unmanaged<Channel*, ulong, int, byte*, long> Write64;
        public nint Discard;
        public nint CacheReadahead;
        public nint ZeroOut;
        public Reserved Rest;
    }

    // struct_io_channel.
    [StructLayout(LayoutKind.Sequential)]
    private struct Channel
    {
        public long Magic;
        public Manager* Manager;
        public byte* Name;
        public int BlockSize;
        public nint ReadError;
        public nint WriteError;
        public int ReferenceCount;
        public int Flags;
        public Reserved Rest;
        public nint PrivateData;
        public nint ApplicationData;
        public int Alignment;
    }

    [InlineArray(14)]
    private struct Reserved
    {
        private long _first;
    }
}

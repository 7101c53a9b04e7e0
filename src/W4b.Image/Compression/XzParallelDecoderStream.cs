using System.Collections.Concurrent;

namespace W4b.Image.Compression;

/// <summary>
/// The data of an .xz file of several blocks, decoded by several threads, every check verified. Each block is decoded on its own by
/// liblzma's single-threaded decoder: its threaded one (lzma_stream_decoder_mt) is unsafe on damaged input before 5.8.1
/// (CVE-2025-31115), and hosts have older ones.
/// </summary>
internal sealed class XzParallelDecoderStream : ReadOnlyStream
{
    /// <summary>What all threads and buffers together may take, in bytes; a file that needs more is decoded by one thread.</summary>
    public const long MemoryLimit = 512L * 1024 * 1024;

    private const int LargestHeader = 1024;
    private readonly FileStream _input;
    private readonly IReadOnlyList<XzIndexBlock> _blocks;
    private readonly int _threads;
    private readonly ConcurrentBag<Buffers> _free = [];
    private readonly Queue<Task<Buffers>> _ahead = new();
    private Buffers? _current;
    private int _position;
    private int _next;

    private XzParallelDecoderStream(FileStream input, IReadOnlyList<XzIndexBlock> blocks, int threads) => (_input, _blocks, _threads) = (input, blocks, threads);

    /// <summary>Reads <paramref name="input"/> from its beginning and closes it in the end; null when that would be no faster, or needs too much memory.</summary>
    /// <param name="input">The file.</param>
    /// <param name="threads">The most that may run.</param>
    /// <param name="memoryLimit">The most memory to take, in bytes.</param>
    public static XzParallelDecoderStream? TryOpen(FileStream input, int threads, long memoryLimit = MemoryLimit)
    {
        if (threads < 2 || XzIndex.Read(input)?.Blocks is not { Count: > 1 } blocks)
            return null;
        var header = new byte[LargestHeader];
        // Encoders use one dictionary for all blocks; one that does not is a block that fails, not memory that is not there.
        var read = RandomAccess.Read(input.SafeFileHandle, header, blocks[0].ArchiveOffset);
        var decoder = XzBlockDecoder.MemoryUsage(blocks[0], header.AsSpan(0, read));
        var (packed, raw) = (blocks.Max(b => b.ArchiveSize), blocks.Max(b => b.Size));
        if (decoder > memoryLimit || packed > memoryLimit || raw > memoryLimit)
            return null;
        // One more than threads: the one that is read from.
        var affordable = Math.Min(Math.Min(memoryLimit / (decoder + packed + raw), threads + 1), blocks.Count + 1) - 1;
        return affordable < 2 ? null : new XzParallelDecoderStream(input, blocks, (int)affordable);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_current is { } current && _position < current.RawSize)
            {
                var count = Math.Min(buffer.Length, current.RawSize - _position);
                current.Raw.AsSpan(_position, count).CopyTo(buffer);
                _position += count;
                return count;
            }

            if (_current is { } done)
                _free.Add(done);
            _current = null;
            while (_ahead.Count < _threads && _next < _blocks.Count)
            {
                var block = _blocks[_next++];
                _ahead.Enqueue(Task.Run(() => Decode(block)));
            }
            if (_ahead.Count == 0)
                return 0;
            (_current, _position) = (_ahead.Dequeue().GetAwaiter().GetResult(), 0);
        }
        return 0;
    }

    private Buffers Decode(XzIndexBlock block)
    {
        if (!_free.TryTake(out var buffers))
            buffers = new Buffers();
        var packed = buffers.Take(block);
        for (var done = 0; done < packed.Length;)
        {
            var read = RandomAccess.Read(_input.SafeFileHandle, packed[done..], block.ArchiveOffset + done);
            if (read == 0)
                throw new InvalidDataException("the .xz file became shorter while it was read");
            done += read;
        }
        if (!XzBlockDecoder.Decode(block, packed, buffers.Raw.AsSpan(0, buffers.RawSize)))
            throw new InvalidDataException("the .xz file's data are corrupt");
        return buffers;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // They read the file; what fails now is of no interest any more.
            foreach (var task in _ahead)
                ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            _ahead.Clear();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>The buffers of one block; they grow as needed and are used again.</summary>
    private sealed class Buffers
    {
        private byte[] _packed = [];

        public byte[] Raw { get; private set; } = [];

        public int RawSize { get; private set; }

        public Span<byte> Take(XzIndexBlock block)
        {
            RawSize = (int)block.Size;
            if (_packed.Length < block.ArchiveSize)
                _packed = GC.AllocateUninitializedArray<byte>((int)block.ArchiveSize);
            if (Raw.Length < RawSize)
                Raw = GC.AllocateUninitializedArray<byte>(RawSize);
            return _packed.AsSpan(0, (int)block.ArchiveSize);
        }
    }
}

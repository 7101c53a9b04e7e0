using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Compression;

/// <summary>
/// One compression: a reader hashes the image block by block and queues what is to become of each, in order; the writer does it in that order:
/// it copies the reference's block, or awaits the encoder's. Hashing goes in small pieces, which stay in the processor's own memory; only a
/// block that is to be encoded is read into a buffer. Buffers are the bound: the reader waits until the writer gives one back. Of
/// another image nothing is read: its block hashes are known.
/// </summary>
internal sealed class XzPipeline : IDisposable
{
    // While one thread encodes a coarse block, what others have ready waits for it: about as much data as that block has. The same for small
    // blocks behind one of usual size.
    private const int SpareBuffers = 8;
    private const int FineBuffers = 256;

    // What the processor keeps near itself, and a divisor of a block's usual size.
    private const int PieceSize = 128 * 1024;

    // More at a time would cost memory that other threads can use better.
    private const int CoarseBuffers = 2;

    private readonly SafeFileHandle _input;
    private readonly Stream _output;
    private readonly IBuildLog _log;
    private readonly long _length;
    private readonly XzBlockEncoder _encoder;
    private readonly XzReference? _reference;
    private readonly TaskFactory _encoding;
    private readonly IReadOnlyList<BufferPool> _pools;
    private readonly Channel<Block> _queue;
    private readonly RawHash _rawHash;
    private readonly Lazy<Task<Encoded>> _zeroBlock;
    private readonly byte[] _piece = new byte[PieceSize];
    private byte[] _taken = [];
    private readonly HashSet<long> _fine;
    private readonly HashSet<long> _coarse;
    private int _encoded;
    private long _encodedBytes;

    public XzPipeline(SafeFileHandle input, Stream output, XzOptions options, IBuildLog log)
    {
        (_input, _output, _log, _reference) = (input, output, log, options.Reference);
        _length = RandomAccess.GetLength(input);
        _encoder = new XzBlockEncoder(options.Level);
        _rawHash = new RawHash(_length, _reference);
        _fine = [.. options.Places.Fine.Select(Unit)];
        _coarse = [.. options.Places.Coarse.SelectMany(range => Units(range)).Except(_fine)];

        var threads = ThreadsFor(options.Level, options.Threads > 0 ? options.Threads : Environment.ProcessorCount, options.MemoryLimit);
        _encoding = new TaskFactory(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler);
        _pools = [new BufferPool(XzCompressor.FineBlockSize, FineBuffers), new BufferPool(XzCompressor.BlockSize, threads + SpareBuffers), new BufferPool(XzCompressor.CoarseBlockSize, CoarseBuffers)];
        // Zero blocks take no buffer, so the queue has a bound of its own.
        _queue = Channel.CreateBounded<Block>(1024);
        _zeroBlock = new Lazy<Task<Encoded>>(() => _encoding.StartNew(EncodeZeros));
    }

    /// <summary>How many threads the memory allows, at least one and at most <paramref name="wanted"/>.</summary>
    public static int ThreadsFor(int level, int wanted, long memoryLimit)
    {
        static long Buffers(int blockSize) => blockSize + XzBlockEncoder.OutputSize(blockSize);
        var each = XzBlockEncoder.MemoryUsage(level, XzCompressor.BlockSize) + Buffers(XzCompressor.BlockSize);
        var coarse = XzBlockEncoder.MemoryUsage(level, XzCompressor.CoarseBlockSize) + Buffers(XzCompressor.CoarseBlockSize) - each;
        var fixedPart = FineBuffers * Buffers(XzCompressor.FineBlockSize) + SpareBuffers * Buffers(XzCompressor.BlockSize) + CoarseBuffers * coarse;
        return (int)Math.Clamp((memoryLimit - fixedPart) / each, 1, wanted);
    }

    public async Task<XzResult> CompressAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = OwnThread.Run(() => Read(stop.Token), CancellationToken.None);
        try
        {
            using var archive = new XzArchiveWriter(_output);
            var progress = new ProgressReporter(_log, "compressing", _length);
            var writeOut = _output is FileStream file ? new WriteOut(file.SafeFileHandle) : null;
            await foreach (var block in _queue.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (block.Encoding is null)
                    Take(archive, block);
                else
                    Append(archive, await block.Encoding.ConfigureAwait(false));
                writeOut?.Grown(archive.Length);
                progress.Add(block.Size);
            }
            await reading.ConfigureAwait(false);
            var archiveSha256 = archive.Finish();
            return new XzResult(archive.RawLength, archive.Length, _rawHash.Finish(), archiveSha256, archive.Blocks, _encoded)
            {
                EncodedBytes = _encodedBytes,
                RawStates = _rawHash.States,
            };
        }
        finally
        {
            // When the writer failed, the reader has to let go of the input before it is closed.
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        foreach (var pool in _pools)
            pool.Dispose();
    }

    /// <summary>Reads the image and queues its blocks; a failure reaches the writer through the queue.</summary>
    private void Read(CancellationToken cancellation)
    {
        try
        {
            var sparse = new HoleFinder(_input);
            foreach (var (offset, size) in Cut())
            {
                var isHole = size == XzCompressor.BlockSize && sparse.IsHole(offset, size);
                var hash = isHole ? HashZeros(offset) : Hash(offset, size);
                Task<Encoded>? encoding = null;
                if (isHole || (size == XzCompressor.BlockSize && hash == BlockHash.OfZeros && IsZero(offset, size)))
                {
                    encoding = _zeroBlock.Value;
                }
                else if (_reference?.Find(offset, size, hash) is null)
                {
                    var buffers = _pools.First(pool => size <= pool.BlockSize).Take(cancellation);
                    Fill(buffers.Input.AsSpan(0, size), offset);
                    encoding = _encoding.StartNew(() => Encode(buffers, size, hash), cancellation);
                }

                _queue.Writer.WriteAsync(new Block(offset, size, hash, encoding), cancellation).AsTask().GetAwaiter().GetResult();
            }
            _queue.Writer.Complete();
        }
        catch (Exception e)
        {
            _queue.Writer.Complete(e);
            throw;
        }
    }

    // Fine and coarse blocks are of their own. The others are cut as by a buddy allocator: as large as the offset is even, and halved until neither is within. So where
    // a fine place moves by a little, as the first free block does, the blocks further away stay what they were.
    private IEnumerable<(long Offset, int Size)> Cut()
    {
        for (long offset = 0, size; offset < _length; offset += size)
        {
            size = Math.Min(_coarse.Contains(Unit(offset)) ? CoarseSize(offset) : BuddySize(offset), _length - offset);
            yield return (offset, (int)size);
        }
    }

    private long BuddySize(long offset)
    {
        var size = offset == 0 ? XzCompressor.BlockSize : Math.Min(XzCompressor.BlockSize, offset & -offset);
        while (size > XzCompressor.FineBlockSize && Units(new ByteRange(offset, offset + size)).Any(unit => _fine.Contains(unit) || _coarse.Contains(unit)))
            size /= 2;
        return size;
    }

    // All of what is coarse from there on.
    private long CoarseSize(long offset)
    {
        var end = Unit(offset);
        while (_coarse.Contains(end) && (end - Unit(offset)) * XzCompressor.FineBlockSize < XzCompressor.CoarseBlockSize)
            end++;
        return end * XzCompressor.FineBlockSize - offset;
    }

    private static long Unit(long offset) => offset / XzCompressor.FineBlockSize;

    private static IEnumerable<long> Units(ByteRange range)
    {
        for (var unit = Unit(range.Start); unit <= Unit(range.End - 1); unit++)
            yield return unit;
    }

    // While the image begins as the reference does, its SHA-256 is known: there a block is hashed once it is found to be another.
    private string Hash(long offset, int size)
    {
        var hash = new BlockHash();
        var hasBegun = _rawHash.HasBegun;
        if (hasBegun)
            _rawHash.Begin(offset);
        ForEachPiece(offset, size, piece =>
        {
            hash.Append(piece);
            if (hasBegun)
                _rawHash.Append(piece);
        });
        if (!hasBegun && !_rawHash.TrySkip(offset, size, hash.Value))
        {
            _rawHash.Begin(offset);
            ForEachPiece(offset, size, _rawHash.Append);
        }

        return hash.Value;
    }

    private string HashZeros(long offset)
    {
        if (_rawHash.HasBegun || !_rawHash.TrySkip(offset, XzCompressor.BlockSize, BlockHash.OfZeros))
        {
            _rawHash.Begin(offset);
            Array.Clear(_piece);
            for (var done = 0; done < XzCompressor.BlockSize; done += _piece.Length)
                _rawHash.Append(_piece);
        }

        return BlockHash.OfZeros;
    }

    // Another block may have their hash.
    private bool IsZero(long offset, int size)
    {
        var isZero = true;
        ForEachPiece(offset, size, piece => isZero &= !piece.ContainsAnyExcept((byte)0));
        return isZero;
    }

    private void ForEachPiece(long offset, int size, Action<ReadOnlySpan<byte>> action)
    {
        for (var done = 0; done < size; done += _piece.Length)
        {
            var piece = _piece.AsSpan(0, Math.Min(_piece.Length, size - done));
            Fill(piece, offset + done);
            action(piece);
        }
    }

    private void Take(XzArchiveWriter archive, Block block)
    {
        if (_taken.Length < XzBlockEncoder.OutputSize(block.Size))
            _taken = GC.AllocateUninitializedArray<byte>(XzBlockEncoder.OutputSize(block.Size));
        if (_reference!.Take(block.Offset, block.Size, block.Hash, _taken) is { } taken)
        {
            archive.Append(_taken.AsSpan(0, (int)taken.ArchiveSize), taken.UnpaddedSize, block.Size, block.Hash, taken.EncodedHash);
            return;
        }

        // The reference is damaged there.
        var input = new byte[block.Size];
        Fill(input, block.Offset);
        Append(archive, Encode(input, _taken, block.Hash));
    }

    private static void Append(XzArchiveWriter archive, Encoded block)
    {
        archive.Append(block.Bytes.Span, block.UnpaddedSize, block.RawSize, block.RawHash, block.EncodedHash);
        block.Buffers?.GiveBack();
    }

    private Encoded Encode(Buffers buffers, int size, string hash)
        => Encode(buffers.Input.AsSpan(0, size), buffers.Output, hash) with { Buffers = buffers };

    private Encoded Encode(ReadOnlySpan<byte> input, byte[] output, string hash)
    {
        Interlocked.Increment(ref _encoded);
        Interlocked.Add(ref _encodedBytes, input.Length);
        var (encoded, unpadded) = _encoder.Encode(input, output);
        var bytes = output.AsMemory(0, encoded);
        return new Encoded(bytes, unpadded, input.Length, hash, BlockHash.Of(bytes.Span), Buffers: null);
    }

    private Encoded EncodeZeros()
    {
        var zeros = new byte[XzCompressor.BlockSize];
        var output = new byte[XzBlockEncoder.OutputSize(zeros.Length)];
        var (encoded, unpadded) = _encoder.Encode(zeros, output);
        var bytes = output.AsSpan(0, encoded).ToArray();
        return new Encoded(bytes, unpadded, XzCompressor.BlockSize, BlockHash.Of(zeros),
            BlockHash.Of(bytes), Buffers: null);
    }

    private void Fill(Span<byte> buffer, long offset)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(_input, buffer[done..], offset + done);
            if (read == 0)
                throw new EndOfStreamException("The image became shorter while it was read.");
            done += read;
        }
    }

    /// <summary>A block on its way to the archive; without an encoding it is the reference's.</summary>
    private sealed record Block(long Offset, int Size, string Hash, Task<Encoded>? Encoding);

    /// <summary>So many buffers for blocks of a size. The one that was used last is used next: its memory is the processor's already, and no more are made than are needed.</summary>
    private sealed class BufferPool(int blockSize, int count) : IDisposable
    {
        private readonly SemaphoreSlim _left = new(count);
        private readonly ConcurrentStack<Buffers> _idle = new();

        public int BlockSize => blockSize;

        public Buffers Take(CancellationToken cancellation)
        {
            _left.Wait(cancellation);
            return _idle.TryPop(out var buffers) ? buffers : new Buffers(this);
        }

        public void GiveBack(Buffers buffers)
        {
            _idle.Push(buffers);
            _left.Release();
        }

        public void Dispose() => _left.Dispose();
    }

    /// <summary>A block's buffers.</summary>
    private sealed class Buffers(BufferPool pool)
    {
        public byte[] Input { get; } = GC.AllocateUninitializedArray<byte>(pool.BlockSize);
        public byte[] Output { get; } = GC.AllocateUninitializedArray<byte>(XzBlockEncoder.OutputSize(pool.BlockSize));

        public void GiveBack() => pool.GiveBack(this);
    }

    /// <summary>An encoded block, and the buffers that it frees when it is written (none when it is shared).</summary>
    private sealed record Encoded(ReadOnlyMemory<byte> Bytes, long UnpaddedSize, int RawSize, string RawHash, string EncodedHash, Buffers? Buffers);
}

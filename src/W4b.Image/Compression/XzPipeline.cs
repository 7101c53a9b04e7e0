using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Compression;

/// <summary>
/// One compression: a reader makes two tasks a block, one to hash and one to encode it, and puts them into a queue, in order; the
/// writer awaits them in that order. Buffers are the bound: the reader waits until the writer gives one back. The image is read once,
/// and of another image nothing: its block hashes are known.
/// </summary>
internal sealed class XzPipeline : IDisposable
{
    // While one thread encodes a coarse block, what others have ready waits for it: about as much data as that block has. The same for small
    // blocks behind one of usual size.
    private const int SpareBuffers = 8;
    private const int FineBuffers = 64;

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
        var reading = Task.Run(() => ReadAsync(stop.Token), CancellationToken.None);
        try
        {
            using var archive = new XzArchiveWriter(_output);
            var progress = new ProgressReporter(_log, "compressing", _length);
            var writeOut = _output is FileStream file ? new WriteOut(file) : null;
            await foreach (var queued in _queue.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                var block = await queued.Encoding.ConfigureAwait(false);
                archive.Append(block.Bytes.Span, block.UnpaddedSize, block.RawSize, block.RawHash, block.EncodedHash);
                writeOut?.Grown(archive.Length);
                await queued.Hashing.ConfigureAwait(false);
                progress.Add(block.RawSize);
                block.Buffers?.GiveBack();
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
    private async Task ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var sparse = new HoleFinder(_input);
            var hashed = Task.CompletedTask;
            foreach (var (offset, size) in Cut())
            {
                Task<Encoded> encoded;
                if (size == XzCompressor.BlockSize && sparse.IsHole(offset, size))
                {
                    encoded = _zeroBlock.Value;
                    hashed = InOrder(hashed, () => _rawHash.AppendZeros(offset));
                }
                else
                {
                    var buffers = await _pools.First(pool => size <= pool.BlockSize).TakeAsync(cancellation).ConfigureAwait(false);
                    Fill(buffers.Input.AsSpan(0, size), offset);
                    if (size == XzCompressor.BlockSize && !buffers.Input.AsSpan(0, size).ContainsAnyExcept((byte)0))
                    {
                        buffers.GiveBack();
                        encoded = _zeroBlock.Value;
                        hashed = InOrder(hashed, () => _rawHash.AppendZeros(offset));
                    }
                    else
                    {
                        hashed = InOrder(hashed, () => _rawHash.Append(offset, buffers.Input.AsSpan(0, size)));
                        encoded = _encoding.StartNew(() => Encode(buffers, offset, size), cancellation);
                    }
                }
                await _queue.Writer.WriteAsync(new Block(encoded, hashed), cancellation).ConfigureAwait(false);
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

    // The hash of a whole takes its parts one after the other; encoding does not wait for it.
    private static Task InOrder(Task before, Action hash)
        => before.ContinueWith(_ => hash(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private Encoded Encode(Buffers buffers, long offset, int size)
    {
        var raw = BlockHash.Of(buffers.Input.AsSpan(0, size));
        if (_reference?.Take(offset, size, raw, buffers.Output) is { } taken)
            return new Encoded(buffers.Output.AsMemory(0, (int)taken.ArchiveSize), taken.UnpaddedSize, size, raw, taken.EncodedHash, buffers);
        Interlocked.Increment(ref _encoded);
        Interlocked.Add(ref _encodedBytes, size);
        var (encoded, unpadded) = _encoder.Encode(buffers.Input.AsSpan(0, size), buffers.Output);
        var bytes = buffers.Output.AsMemory(0, encoded);
        return new Encoded(bytes, unpadded, size, raw, BlockHash.Of(bytes.Span), buffers);
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

    /// <summary>A block on its way to the archive.</summary>
    private sealed record Block(Task<Encoded> Encoding, Task Hashing);

    /// <summary>So many buffers for blocks of a size. The one that was used last is used next: its memory is the processor's already, and no more are made than are needed.</summary>
    private sealed class BufferPool(int blockSize, int count) : IDisposable
    {
        private readonly SemaphoreSlim _left = new(count);
        private readonly ConcurrentStack<Buffers> _idle = new();

        public int BlockSize => blockSize;

        public async ValueTask<Buffers> TakeAsync(CancellationToken cancellation)
        {
            await _left.WaitAsync(cancellation).ConfigureAwait(false);
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

using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>
/// One compression: a reader makes a task a block and puts the tasks into a queue, in order; the writer awaits them
/// in that order. Buffers are the bound: the reader waits until the writer gives one back.
/// </summary>
internal sealed class XzPipeline
{
    // One buffer being read into and one being written out, beside those being encoded.
    private const int SpareBuffers = 2;

    private readonly SafeFileHandle _input;
    private readonly Stream _output;
    private readonly IBuildLog _log;
    private readonly long _length;
    private readonly XzBlockEncoder _encoder;
    private readonly XzReference? _reference;
    private readonly TaskFactory _encoding;
    private readonly Channel<Buffers?> _free = Channel.CreateUnbounded<Buffers?>();
    private readonly Channel<Task<Encoded>> _queue;
    private readonly Lazy<Task<Encoded>> _zeroBlock;
    private int _encoded;

    public XzPipeline(SafeFileHandle input, Stream output, XzOptions options, IBuildLog log)
    {
        (_input, _output, _log, _reference) = (input, output, log, options.Reference);
        _length = RandomAccess.GetLength(input);
        _encoder = new XzBlockEncoder(options.Level, XzCompressor.BlockSize);

        var buffers = XzCompressor.BlockSize + _encoder.OutputSize;
        var affordable = (options.MemoryLimit - SpareBuffers * buffers) / (_encoder.MemoryUsage + buffers);
        var wanted = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var threads = (int)Math.Clamp(affordable, 1, wanted);
        _encoding = new TaskFactory(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler);
        for (var i = 0; i < threads + SpareBuffers; i++)
            _free.Writer.TryWrite(null);
        // Zero blocks take no buffer, so the queue has a bound of its own.
        _queue = Channel.CreateBounded<Task<Encoded>>(1024);
        _zeroBlock = new Lazy<Task<Encoded>>(() => _encoding.StartNew(EncodeZeros));
    }

    public async Task<XzResult> CompressAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Run(() => ReadAsync(stop.Token), CancellationToken.None);
        try
        {
            using var archive = new XzArchiveWriter(_output);
            var progress = new ProgressReporter(_log, "compressing", _length);
            await foreach (var task in _queue.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                var block = await task.ConfigureAwait(false);
                archive.Append(block.Bytes.Span, block.UnpaddedSize, block.RawSize, block.RawHash, block.EncodedHash);
                progress.Add(block.RawSize);
                if (block.Buffers is { } buffers)
                    _free.Writer.TryWrite(buffers);
            }
            var rawSha256 = await reading.ConfigureAwait(false);
            var archiveSha256 = archive.Finish();
            return new XzResult(archive.RawLength, archive.Length, rawSha256, archiveSha256, archive.Blocks, _encoded);
        }
        finally
        {
            // When the writer failed, the reader has to let go of the input before it is closed.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads and hashes the image and queues its blocks; a failure reaches the writer through the queue.</summary>
    private async Task<string> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var sparse = new HoleFinder(_input);
            var zeros = new byte[64 * 1024];
            for (long offset = 0; offset < _length; offset += XzCompressor.BlockSize)
            {
                var size = (int)Math.Min(XzCompressor.BlockSize, _length - offset);
                var at = offset;
                Task<Encoded> block;
                if (size == XzCompressor.BlockSize && sparse.IsHole(offset, size))
                {
                    for (var i = 0; i < XzCompressor.BlockSize; i += zeros.Length)
                        hash.AppendData(zeros);
                    block = _zeroBlock.Value;
                }
                else
                {
                    var buffers = await _free.Reader.ReadAsync(cancellation).ConfigureAwait(false)
                        ?? new Buffers((int)Math.Min(XzCompressor.BlockSize, _length), _encoder.OutputSize);
                    Fill(buffers.Input.AsSpan(0, size), offset);
                    hash.AppendData(buffers.Input, 0, size);
                    if (size == XzCompressor.BlockSize && !buffers.Input.AsSpan().ContainsAnyExcept((byte)0))
                    {
                        _free.Writer.TryWrite(buffers);
                        block = _zeroBlock.Value;
                    }
                    else
                    {
                        block = _encoding.StartNew(() => Encode(buffers, at, size), cancellation);
                    }
                }
                await _queue.Writer.WriteAsync(block, cancellation).ConfigureAwait(false);
            }
            _queue.Writer.Complete();
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e)
        {
            _queue.Writer.Complete(e);
            throw;
        }
    }

    private Encoded Encode(Buffers buffers, long offset, int size)
    {
        var raw = BlockHash.Of(buffers.Input.AsSpan(0, size));
        if (_reference?.Take(offset, size, raw, buffers.Output) is { } taken)
            return new Encoded(buffers.Output.AsMemory(0, (int)taken.ArchiveSize), taken.UnpaddedSize, size, raw, taken.EncodedHash, buffers);
        Interlocked.Increment(ref _encoded);
        var (encoded, unpadded) = _encoder.Encode(buffers.Input.AsSpan(0, size), buffers.Output);
        var bytes = buffers.Output.AsMemory(0, encoded);
        return new Encoded(bytes, unpadded, size, raw, BlockHash.Of(bytes.Span), buffers);
    }

    private Encoded EncodeZeros()
    {
        var zeros = new byte[XzCompressor.BlockSize];
        var output = new byte[_encoder.OutputSize];
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

    /// <summary>A block's buffers; made when first used, and used again.</summary>
    private sealed class Buffers(int inputSize, int outputSize)
    {
        public byte[] Input { get; } = GC.AllocateUninitializedArray<byte>(inputSize);
        public byte[] Output { get; } = GC.AllocateUninitializedArray<byte>(outputSize);
    }

    /// <summary>An encoded block, and the buffers that it frees when it is written (none when it is shared).</summary>
    private sealed record Encoded(ReadOnlyMemory<byte> Bytes, long UnpaddedSize, int RawSize, string RawHash, string EncodedHash, Buffers? Buffers);
}

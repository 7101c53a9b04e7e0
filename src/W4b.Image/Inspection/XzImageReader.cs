using System.Buffers;
using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Inspection;

/// <summary>A raw image inside an .xz file of blocks: only the blocks that are asked for are decoded, and a few of them kept.</summary>
internal sealed class XzImageReader : ImageReader
{
    /// <summary>The largest blocks that can be read at any place: above, one block would take more memory than the whole cache.</summary>
    internal const long LargestBlock = CacheBytes / 4;

    // What is kept of decoded blocks, in bytes.
    private const long CacheBytes = 128 << 20;

    private readonly XzArchive _archive;
    private readonly LinkedList<(int Number, Task<byte[]?> Data)> _kept = [];
    private readonly Dictionary<int, LinkedListNode<(int Number, Task<byte[]?> Data)>> _byNumber = [];
    private readonly List<Task> _announced = [];
    private long _keptBytes;

    public XzImageReader(XzArchive archive) => _archive = archive;

    public override string Name => _archive.Path;

    public override long Length => _archive.RawLength;

    /// <summary>How many blocks were decoded.</summary>
    public int Decoded { get; private set; }

    public override int Read(long offset, Span<byte> buffer)
    {
        var done = 0;
        while (done < buffer.Length && offset + done < Length)
        {
            var number = NumberAt(offset + done);
            var block = _archive.Blocks[number];
            var data = Block(number).AsSpan()[(int)(offset + done - block.Offset)..];
            var part = Math.Min(data.Length, buffer.Length - done);
            data[..part].CopyTo(buffer[done..]);
            done += part;
        }

        return done;
    }

    /// <summary>Decodes what is announced beside the reading, as far as half of what is kept goes.</summary>
    public override void Announce(IEnumerable<long> offsets)
    {
        var room = CacheBytes / 2;
        foreach (var number in offsets.Where(o => o < Length).Select(NumberAt).Distinct().Where(n => !_byNumber.ContainsKey(n)).ToList())
        {
            room -= _archive.Blocks[number].Size;
            if (room < 0)
                break;
            var decoding = Task.Run(() => Decode(number));
            _announced.Add(decoding);
            Keep(number, decoding);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // What is still decoded reads the file; who wanted it no more does not mind a failure.
        Task.WhenAll(_announced).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _archive.Dispose();
    }

    private byte[] Block(int number)
    {
        if (!_byNumber.TryGetValue(number, out var node))
            node = Keep(number, Task.FromResult(Decode(number)));
        else if (node != _kept.First)
        {
            _kept.Remove(node);
            _kept.AddFirst(node);
        }

        var block = _archive.Blocks[number];
        return node.Value.Data.GetAwaiter().GetResult() ?? throw DiagnosticCode.ImageDamaged.Error(
            $"{Name} is damaged: the check of block {number + 1} of {_archive.BlockCount} does not match (bytes {block.ArchiveOffset} to {block.ArchiveOffset + block.ArchiveSize - 1} of the file).");
    }

    private LinkedListNode<(int Number, Task<byte[]?> Data)> Keep(int number, Task<byte[]?> data)
    {
        for (_keptBytes += _archive.Blocks[number].Size; _keptBytes > CacheBytes && _kept.Last is { } last;)
        {
            _keptBytes -= _archive.Blocks[last.Value.Number].Size;
            _kept.RemoveLast();
            _byNumber.Remove(last.Value.Number);
        }

        Decoded++;
        return _byNumber[number] = _kept.AddFirst((number, data));
    }

    // Null when its check does not match.
    private byte[]? Decode(int number)
    {
        var block = _archive.Blocks[number];
        var data = GC.AllocateUninitializedArray<byte>((int)block.Size);
        var encoded = ArrayPool<byte>.Shared.Rent((int)block.ArchiveSize);
        try
        {
            return _archive.Decode(block, encoded, data) ? data : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    private int NumberAt(long offset)
    {
        var (low, high) = (0, _archive.Blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_archive.Blocks[middle].Offset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}

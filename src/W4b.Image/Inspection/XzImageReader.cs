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
    private readonly LinkedList<(int Number, byte[] Data)> _kept = [];
    private readonly Dictionary<int, LinkedListNode<(int Number, byte[] Data)>> _byNumber = [];
    private readonly int _capacity;
    private byte[] _encoded = [];

    public XzImageReader(XzArchive archive)
    {
        _archive = archive;
        _capacity = (int)Math.Max(2, CacheBytes / Math.Max(1, archive.LargestBlock));
    }

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
            var data = Block(number).AsSpan(0, (int)block.Size)[(int)(offset + done - block.Offset)..];
            var part = Math.Min(data.Length, buffer.Length - done);
            data[..part].CopyTo(buffer[done..]);
            done += part;
        }

        return done;
    }

    protected override void Dispose(bool disposing) => _archive.Dispose();

    private byte[] Block(int number)
    {
        if (_byNumber.TryGetValue(number, out var node))
        {
            if (node != _kept.First)
            {
                _kept.Remove(node);
                _kept.AddFirst(node);
            }

            return node.Value.Data;
        }

        var block = _archive.Blocks[number];
        byte[] data;
        if (_kept.Count == _capacity)
        {
            var last = _kept.Last!;
            _kept.RemoveLast();
            _byNumber.Remove(last.Value.Number);
            data = last.Value.Data;
        }
        else
        {
            data = GC.AllocateUninitializedArray<byte>((int)_archive.LargestBlock);
        }

        if (_encoded.Length < block.ArchiveSize)
            _encoded = GC.AllocateUninitializedArray<byte>((int)block.ArchiveSize);
        if (!_archive.Decode(block, _encoded, data))
            throw DiagnosticCode.ImageDamaged.Error(
                $"{Name} is damaged: the check of block {number + 1} of {_archive.BlockCount} does not match (bytes {block.ArchiveOffset} to {block.ArchiveOffset + block.ArchiveSize - 1} of the file).");
        Decoded++;
        _byNumber[number] = _kept.AddFirst((number, data));
        return data;
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

using System.Buffers.Binary;
using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>A file or folder of a FAT file system.</summary>
/// <param name="Path">The path with slashes and without one before it, <c>overlays/README</c>; empty for the root.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Size">A file's length in bytes.</param>
/// <param name="Cluster">Where its content begins.</param>
internal sealed record FatNode(string Path, bool IsFolder, long Size, uint Cluster);

/// <summary>
/// Reads a FAT12, FAT16 or FAT32 file system with long names out of an image, whatever holds that: Microsoft's "FAT32 File System
/// Specification" 1.03.
/// </summary>
internal sealed class FatReader
{
    private const int EntrySize = 32;
    private readonly ImageReader _image;
    private readonly long _offset;
    private readonly uint[] _table;
    private readonly int _clusterBytes;
    private readonly long _dataOffset;
    private readonly (long Offset, int Length) _oldRoot;
    private readonly Lazy<IReadOnlyList<FatNode>> _nodes;

    /// <summary>Opens the file system at a byte of the image.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/> when there is none; what reading throws.</exception>
    public FatReader(ImageReader image, long offset)
    {
        (_image, _offset) = (image, offset);
        var sector = ReadBytes(0, PartitionTable.SectorSize);
        if (FatBootSector.TryParse(sector) is not { } boot)
            throw Damaged("it has no boot sector");
        int U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(sector.AsSpan(at));
        var sectorSize = U16(11);
        long tableSectors = U16(22) != 0 ? U16(22) : BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(36));
        var tableOffset = (long)U16(14) * sectorSize;
        _oldRoot = (tableOffset + sector[16] * tableSectors * sectorSize, U16(17) * EntrySize);
        _dataOffset = _oldRoot.Offset + (_oldRoot.Length + sectorSize - 1) / sectorSize * sectorSize;
        _clusterBytes = boot.ClusterBytes;
        var clusters = (boot.LengthBytes - _dataOffset) / _clusterBytes;
        var bits = clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32;
        if (clusters <= 0 || (clusters + 2) * bits / 8 > tableSectors * sectorSize)
            throw Damaged("its table is too short for its clusters");
        _table = Table(ReadBytes(tableOffset, (int)(((clusters + 2) * bits + 7) / 8)), (int)clusters + 2, bits);
        var root = new FatNode("", IsFolder: true, 0, bits == 32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(44)) : 0);
        _nodes = new Lazy<IReadOnlyList<FatNode>>(() => [root, .. Walk(root, depth: 0)]);
    }

    /// <summary>All files and folders, the root first, each folder before what is in it.</summary>
    public IReadOnlyList<FatNode> Nodes => _nodes.Value;

    /// <summary>Bytes in no use.</summary>
    public long FreeBytes => _table.Skip(2).LongCount(c => c == 0) * _clusterBytes;

    /// <summary>
    /// All but its free clusters: ranges in bytes from the file system's start to the end of its last cluster, ascending.
    /// </summary>
    public IReadOnlyList<ByteRange> UsedRanges()
    {
        var ranges = new List<ByteRange> { new(0, _dataOffset) };
        for (var cluster = 2; cluster < _table.Length; cluster++)
        {
            var start = _dataOffset + (cluster - 2) * (long)_clusterBytes;
            if (_table[cluster] == 0)
                continue;
            if (ranges[^1].End == start)
                ranges[^1] = ranges[^1] with { End = start + _clusterBytes };
            else
                ranges.Add(new ByteRange(start, start + _clusterBytes));
        }

        return ranges;
    }

    /// <summary>Where the first cluster begins, in bytes from its start: before it are the boot sector and the tables.</summary>
    public long DataOffset => _dataOffset;

    /// <summary>Where a file's content, or a folder's list, stands in the image: offsets in bytes, one a cluster.</summary>
    public IEnumerable<long> PlacesOf(FatNode node) => node.Cluster == 0 && node.IsFolder ? [_offset + _oldRoot.Offset] : Chain(node.Cluster).Select(c => _offset + PlaceOf(c));

    /// <summary>Bytes in a cluster.</summary>
    public int ClusterBytes => _clusterBytes;

    /// <summary>The end of its last cluster, in bytes from its start.</summary>
    public long End => _dataOffset + (_table.Length - 2) * (long)_clusterBytes;

    /// <summary>What is at a path; upper and lower case are the same. Null when nothing is.</summary>
    public FatNode? Find(string path)
        => Nodes.FirstOrDefault(n => n.Path.Equals(string.Join('/', Ext4Path.Split(path)), StringComparison.OrdinalIgnoreCase));

    /// <summary>The content of a file.</summary>
    public byte[] Read(FatNode file)
    {
        var content = new byte[file.Size];
        var done = 0;
        foreach (var cluster in Chain(file.Cluster))
        {
            if (done == content.Length)
                break;
            var part = Math.Min(_clusterBytes, content.Length - done);
            ReadInto(content.AsSpan(done, part), PlaceOf(cluster));
            done += part;
        }

        return done == content.Length ? content : throw Damaged($"{file.Path} has fewer clusters than its length needs");
    }

    private IEnumerable<FatNode> Walk(FatNode folder, int depth)
    {
        if (depth > 32)
            throw Damaged($"the folders of {folder.Path} go in circles");
        foreach (var node in Entries(folder))
        {
            yield return node;
            if (node.IsFolder)
                foreach (var below in Walk(node, depth + 1))
                    yield return below;
        }
    }

    private List<FatNode> Entries(FatNode folder)
    {
        // Of FAT12 and FAT16 the root stands apart, before the clusters.
        var bytes = folder.Cluster == 0 ? ReadBytes(_oldRoot.Offset, _oldRoot.Length)
            : [.. Chain(folder.Cluster).SelectMany(c => ReadBytes(PlaceOf(c), _clusterBytes))];
        var nodes = new List<FatNode>();
        var name = "";
        for (var at = 0; at + EntrySize <= bytes.Length && bytes[at] != 0; at += EntrySize)
        {
            var entry = bytes.AsSpan(at, EntrySize);
            var attributes = entry[11];
            if (entry[0] == 0xE5)
            {
                name = "";
            }
            else if ((attributes & 0x3F) == 0x0F)
            {
                // Parts of a long name, the last one first.
                name = LongPart(entry) + ((entry[0] & 0x40) != 0 ? "" : name);
            }
            else
            {
                var end = name.IndexOf('\0', StringComparison.Ordinal);
                var shown = name.Length == 0 ? ShortName(entry) : end < 0 ? name : name[..end];
                name = "";
                // The volume's label, the folder itself and the one above.
                if ((attributes & 0x08) != 0 || shown is "." or "..")
                    continue;
                var cluster = (uint)BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(entry[26..]);
                nodes.Add(new FatNode(folder.Path.Length == 0 ? shown : $"{folder.Path}/{shown}", (attributes & 0x10) != 0,
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]), cluster));
            }
        }

        return nodes;
    }

    private IEnumerable<uint> Chain(uint first)
    {
        var seen = 0;
        for (var cluster = first; cluster >= 2 && cluster < _table.Length; cluster = _table[cluster])
        {
            if (++seen > _table.Length)
                throw Damaged("its chains of clusters go in circles");
            yield return cluster;
        }
    }

    private long PlaceOf(uint cluster) => _dataOffset + (cluster - 2L) * _clusterBytes;

    private byte[] ReadBytes(long offset, int length)
    {
        var bytes = new byte[length];
        ReadInto(bytes, offset);
        return bytes;
    }

    private void ReadInto(Span<byte> buffer, long offset)
    {
        if (_image.Read(_offset + offset, buffer) != buffer.Length)
            throw Damaged("it is cut off");
    }

    private W4bException Damaged(string how)
        => DiagnosticCode.DamagedFileSystem.Error($"The FAT file system at byte {_offset} of {_image.Name} cannot be read: {how}.");

    // Each entry the next cluster of its chain; 0 for a free one; what ends a chain is beyond the table.
    private static uint[] Table(ReadOnlySpan<byte> bytes, int count, int bits)
    {
        var table = new uint[count];
        for (var i = 0; i < count; i++)
            table[i] = bits switch
            {
                12 => (uint)(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 3 / 2)..]) >> (i % 2 * 4)) & 0xFFF,
                16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * 4)..]) & 0x0FFFFFFF,
            };
        return table;
    }

    private static string LongPart(ReadOnlySpan<byte> entry)
        => Encoding.Unicode.GetString([.. entry[1..11], .. entry[14..26], .. entry[28..32]]);

    private static string ShortName(ReadOnlySpan<byte> entry)
    {
        // Windows keeps in byte 12 whether a part is in lower case.
        static string Part(ReadOnlySpan<byte> bytes, int lower)
        {
            var text = Encoding.Latin1.GetString(bytes).TrimEnd();
            return lower != 0 ? text.ToLowerInvariant() : text;
        }

        var stem = Part(entry[..8], entry[12] & 0x08);
        var extension = Part(entry[8..11], entry[12] & 0x10);
        return extension.Length == 0 ? stem : $"{stem}.{extension}";
    }
}

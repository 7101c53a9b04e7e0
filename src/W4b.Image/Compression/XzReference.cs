using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Compression;

/// <summary>
/// An archive from which another takes over blocks: the software layer's, for its hives. Beside the archive stands its index, the
/// blocks with their hashes and the states of the raw image's; it is written last and says that the archive is whole. Any number of
/// threads may use one.
/// </summary>
public sealed class XzReference : IDisposable
{
    // An index of another version of this program lacks something, and is none.
    private static readonly JsonSerializerOptions s_json = new() { RespectRequiredConstructorParameters = true };

    private readonly string _archive;
    private readonly SafeFileHandle _file;
    private readonly Dictionary<long, XzBlock> _blocks;
    private readonly Dictionary<long, string> _states;
    private volatile bool _damaged;

    private XzReference(string archive, SafeFileHandle file, Index index)
    {
        (_archive, _file) = (archive, file);
        _blocks = index.Blocks.ToDictionary(b => b.Offset);
        _states = index.Blocks.Zip(index.RawStates).ToDictionary(pair => pair.First.Offset, pair => pair.Second);
    }

    /// <summary>Whether a block was found to be another than it once was; <see cref="Discard"/> then lets it be made anew.</summary>
    public bool IsDamaged => _damaged;

    /// <summary>
    /// Where the reference of a level stands in a folder. Blocks are only taken over where encoding them would give the same bytes, so
    /// the versions of liblzma and of its settings here belong to its name.
    /// </summary>
    public static string PathIn(string folder, int level)
        => System.IO.Path.Combine(folder, $"layer.xz-{level}-{XzBlockEncoder.Version}-{LibLzma.Version}");

    /// <summary>Opens the reference; null when there is none, or none that is whole.</summary>
    public static XzReference? Open(string archive)
    {
        if (!File.Exists(IndexOf(archive)) || !File.Exists(archive))
            return null;
        try
        {
            var index = JsonSerializer.Deserialize<Index>(File.ReadAllText(IndexOf(archive)), s_json)!;
            return new XzReference(archive, File.OpenHandle(archive, share: FileShare.ReadWrite | FileShare.Delete, options: FileOptions.RandomAccess), index);
        }
        catch (JsonException)
        {
            // As good as none: archive and index are written again.
            return null;
        }
    }

    /// <summary>Writes the index of an archive that is complete: from now on it can be opened.</summary>
    public static void Complete(string archive, XzResult result)
        => ContentFile.WriteAtomically(IndexOf(archive), JsonSerializer.Serialize(new Index(result.Blocks, result.RawStates)));

    /// <summary>Deletes the archive and its index.</summary>
    public void Discard()
    {
        File.Delete(IndexOf(_archive));
        File.Delete(_archive);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The block for data of that hash at that offset; null when the archive has none.</summary>
    internal XzBlock? Find(long offset, long size, string rawHash)
        => _blocks.TryGetValue(offset, out var block) && block.Size == size && block.RawHash == rawHash ? block : null;

    /// <summary>Copies the encoded block for data of that hash at that offset into <paramref name="output"/>.</summary>
    /// <returns>The block; null when the archive has none for it, or one that is damaged.</returns>
    internal XzBlock? Take(long offset, int size, string rawHash, Span<byte> output)
    {
        if (Find(offset, size, rawHash) is not { } block)
            return null;
        var encoded = output[..checked((int)block.ArchiveSize)];
        for (var done = 0; done < encoded.Length;)
        {
            var read = RandomAccess.Read(_file, encoded[done..], block.ArchiveOffset + done);
            if (read == 0)
                break;
            done += read;
        }

        if (BlockHash.Of(encoded) == block.EncodedHash)
            return block;
        _damaged = true;
        return null;
    }

    /// <summary>Where the raw image of such blocks is equal to the reference's: ranges, ascending, no two of them adjacent.</summary>
    internal IReadOnlyList<ByteRange> EqualRanges(IEnumerable<XzBlock> blocks)
    {
        var ranges = new List<ByteRange>();
        foreach (var block in blocks.Where(b => Find(b.Offset, b.Size, b.RawHash) is not null))
            if (ranges.Count > 0 && ranges[^1].End == block.Offset)
                ranges[^1] = ranges[^1] with { End = block.Offset + block.Size };
            else
                ranges.Add(new ByteRange(block.Offset, block.Offset + block.Size));
        return ranges;
    }

    /// <summary>The state of the raw image's SHA-256 before a block; null when the block at that offset is another one.</summary>
    internal string? StateBefore(long offset, int size, string rawHash)
        => Find(offset, size, rawHash) is null ? null : StateBefore(offset);

    /// <summary>The state of the raw image's SHA-256 when that many bytes were hashed; null when no block begins there.</summary>
    internal string? StateBefore(long offset) => _states.GetValueOrDefault(offset);

    private sealed record Index(IReadOnlyList<XzBlock> Blocks, IReadOnlyList<string> RawStates);

    private static string IndexOf(string archive) => archive + ".json";
}

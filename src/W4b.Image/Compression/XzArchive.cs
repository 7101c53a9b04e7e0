using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>A part of an .xz file that is not what it once was.</summary>
/// <param name="Block">The block's number, from 1.</param>
/// <param name="ArchiveOffset">Where it begins in the file, in bytes.</param>
/// <param name="ArchiveSize">Its size there, in bytes.</param>
/// <param name="Offset">Where its data begins in the raw image, in bytes.</param>
/// <param name="Size">The size of its data, in bytes.</param>
public sealed record DamagedBlock(int Block, long ArchiveOffset, long ArchiveSize, long Offset, long Size);

/// <summary>What reading a whole .xz file tells.</summary>
/// <param name="Sha256">SHA-256 of the file, 64 lower-case hexadecimal digits.</param>
/// <param name="Damaged">Blocks whose check does not match; empty for a sound file.</param>
public sealed record XzArchiveCheck(string Sha256, IReadOnlyList<DamagedBlock> Damaged);

/// <summary>An .xz file opened to be read at any block. Any number of threads may use one.</summary>
public sealed class XzArchive : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly XzIndex _index;

    private XzArchive(string path, SafeFileHandle file, XzIndex index)
        => (Path, _file, _index, Length, LargestBlock) = (path, file, index, RandomAccess.GetLength(file), index.Blocks.Select(b => b.Size).DefaultIfEmpty().Max());

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; }

    /// <summary>The size of the data in it, in bytes.</summary>
    public long RawLength => _index.RawSize;

    /// <summary>The size of its largest block's data, in bytes: what reading at any place costs in memory.</summary>
    public long LargestBlock { get; }

    /// <summary>How many blocks it has.</summary>
    public int BlockCount => _index.Blocks.Count;

    internal IReadOnlyList<XzIndexBlock> Blocks => _index.Blocks;

    /// <summary>Opens a file: reads its headers, indexes and footers.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ImageDamaged"/> when they are not sound, or the file is none of this kind;
    /// <see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static XzArchive Open(string path)
    {
        try
        {
            XzIndex? index;
            using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
                index = XzIndex.Read(stream);
            return index is not null ? new XzArchive(path, File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete), index)
                : throw DiagnosticCode.ImageDamaged.Error($"{path} is cut off, or its index is damaged: it cannot be read as .xz.");
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw IoFailure.Translate(e, path);
        }
    }

    /// <summary>Decodes one block.</summary>
    /// <returns>Whether its check matches.</returns>
    internal bool Decode(XzIndexBlock block, Span<byte> encoded, Span<byte> data)
    {
        encoded = encoded[..checked((int)block.ArchiveSize)];
        Fill(encoded, block.ArchiveOffset);
        return XzBlockDecoder.Decode(block, encoded, data[..checked((int)block.Size)]);
    }

    /// <summary>Reads everything: the file's hash, and each block's check.</summary>
    /// <param name="target">A file of the raw image's length with holes only, that takes the data; null when nobody wants it.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    public async Task<XzArchiveCheck> CheckAsync(SafeFileHandle? target, CancellationToken cancellation)
    {
        var damaged = new ConcurrentBag<DamagedBlock>();
        var buffers = new ConcurrentBag<(byte[] Encoded, byte[] Data)>();
        var largest = checked((int)Blocks.Select(b => b.ArchiveSize).DefaultIfEmpty().Max());
        var hashing = Task.Run(() => HashAsync(cancellation), cancellation);
        await Parallel.ForEachAsync(Enumerable.Range(0, Blocks.Count), new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, (number, _) =>
        {
            var block = Blocks[number];
            if (!buffers.TryTake(out var buffer))
                buffer = (GC.AllocateUninitializedArray<byte>(largest), GC.AllocateUninitializedArray<byte>(checked((int)LargestBlock)));
            var data = buffer.Data.AsSpan(0, (int)block.Size);
            if (!Decode(block, buffer.Encoded, data))
                damaged.Add(new DamagedBlock(number + 1, block.ArchiveOffset, block.ArchiveSize, block.Offset, block.Size));
            else if (target is not null && data.ContainsAnyExcept((byte)0))
                RandomAccess.Write(target, data, block.Offset);
            buffers.Add(buffer);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return new XzArchiveCheck(await hashing.ConfigureAwait(false), [.. damaged.OrderBy(d => d.Block)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private async Task<string> HashAsync(CancellationToken cancellation)
    {
        await using var stream = new FileStream(Path, new FileStreamOptions
        {
            Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 1 << 20, Options = FileOptions.SequentialScan,
        });
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }

    private void Fill(Span<byte> buffer, long offset)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(_file, buffer[done..], offset + done);
            if (read == 0)
                throw DiagnosticCode.ImageDamaged.Error($"{Path} became shorter while it was read.");
            done += read;
        }
    }
}

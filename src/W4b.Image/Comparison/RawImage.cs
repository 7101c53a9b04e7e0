using System.Globalization;
using System.Security.Cryptography;
using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Comparison;

/// <summary>An image to read, unpacked where it is compressed: the copy goes with this object.</summary>
internal sealed class RawImage : IDisposable
{
    private const int Chunk = 1 << 20;
    private readonly bool _isCopy;

    private RawImage(string path, bool isCopy) => (Path, _isCopy) = (path, isCopy);

    /// <summary>The raw image.</summary>
    public string Path { get; }

    /// <summary>Opens <paramref name="file"/>, a .img, or an archive of one that is unpacked into <paramref name="folder"/>.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>, <see cref="DiagnosticCode.ArchiveDamaged"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static async Task<RawImage> OpenAsync(string file, string folder, IBuildLog log, CancellationToken cancellation)
    {
        if (Archives.Identify(file) == ArchiveKind.Raw)
            return new RawImage(file, isCopy: false);
        log.Info($"Unpacking {file}.");
        var copy = System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}.img");
        try
        {
            await Task.Run(() => Unpack(file, copy, cancellation), cancellation).ConfigureAwait(false);
            return new RawImage(copy, isCopy: true);
        }
        catch
        {
            File.Delete(copy);
            throw;
        }
    }

    /// <summary>Reads both: their hashes, and the parts of the first's card in which bytes differ.</summary>
    public static (string First, string Second, IReadOnlyList<string> DifferentPlaces) Compare(RawImage first, RawImage second, CancellationToken cancellation)
    {
        using var a = HostFile.OpenRead(first.Path);
        using var b = HostFile.OpenRead(second.Path);
        using var hashA = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hashB = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (bufferA, bufferB) = (new byte[Chunk], new byte[Chunk]);
        var table = PartitionTable.Read(first.Path);
        var places = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (long position = 0; ; position += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            var (readA, readB) = (RandomAccess.Read(a, bufferA, position), RandomAccess.Read(b, bufferB, position));
            if (readA == 0 && readB == 0)
                break;
            hashA.AppendData(bufferA, 0, readA);
            hashB.AppendData(bufferB, 0, readB);
            if (bufferA.AsSpan(0, readA).SequenceEqual(bufferB.AsSpan(0, readB)))
                continue;
            var at = position + bufferA.AsSpan(0, readA).CommonPrefixLength(bufferB.AsSpan(0, readB));
            var partition = table.Partitions.FirstOrDefault(p => at >= p.OffsetBytes && at < p.OffsetBytes + p.LengthBytes);
            places.TryAdd(partition is null ? "outside of the partitions" : string.Create(CultureInfo.InvariantCulture, $"partition {partition.Number}"), at);
        }

        return (Convert.ToHexStringLower(hashA.GetHashAndReset()), Convert.ToHexStringLower(hashB.GetHashAndReset()),
            [.. places.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}, first at byte {p.Value} of the image"))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isCopy)
            File.Delete(Path);
    }

    private static void Unpack(string file, string copy, CancellationToken cancellation)
    {
        using var source = Archives.OpenRead(file);
        // Images hold keys.
        using var target = new FileStream(copy, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = SparseFile.OwnerOnly });
        var writer = new SparseFileWriter(target.SafeFileHandle);
        var buffer = new byte[Chunk];
        while (source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Append(buffer.AsSpan(0, read));
        }

        writer.Finish();
    }
}

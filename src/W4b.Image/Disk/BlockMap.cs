using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>Consecutive blocks of a map.</summary>
/// <param name="First">The first block's number.</param>
/// <param name="Last">The last one's.</param>
/// <param name="Sha256">sha256 of their bytes, 64 lower-case hexadecimal digits.</param>
public sealed record BlockRange(long First, long Last, string Sha256);

/// <summary>
/// The block map of an image (<c>.bmap</c>, format 2.0 of bmap-tools): which blocks a program that writes a card must write. All others
/// are free in the image's file systems, and whatever a used card has there may stay.
/// </summary>
/// <param name="ImageBytes">The image's length in bytes.</param>
/// <param name="Ranges">The mapped blocks, ascending.</param>
public sealed record BlockMap(long ImageBytes, IReadOnlyList<BlockRange> Ranges)
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockSize = 4096;

    // A range ends at multiples of so many blocks: one in which an image is its layer then is a range of both, with the same sha256. Around a
    // changed block so much is hashed.
    private const long LongestRange = (1 << 20) / BlockSize;

    private const int ChunkSize = 1 << 20;

    /// <summary>Blocks that are mapped.</summary>
    public long MappedBlocks => Ranges.Sum(r => r.Last - r.First + 1);

    /// <summary>Makes the map of a raw image from its file systems' own allocation tables.</summary>
    /// <exception cref="W4bException">The image's partitions or file systems cannot be read.</exception>
    public static BlockMap Of(string imagePath, CancellationToken cancellation) => Of(imagePath, new BlockMap(0, []), [], cancellation);

    /// <summary>Makes the same map, but reads little of an image that is mostly equal to another.</summary>
    /// <param name="imagePath">The image.</param>
    /// <param name="other">The map of the other image.</param>
    /// <param name="equal">Where both images hold the same bytes: ranges, ascending, no two of them adjacent.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="W4bException">The image's partitions or file systems cannot be read.</exception>
    public static BlockMap Of(string imagePath, BlockMap other, IReadOnlyList<ByteRange> equal, CancellationToken cancellation)
    {
        using var image = HostFile.OpenRead(imagePath);
        var length = RandomAccess.GetLength(image);
        var known = other.Ranges.ToDictionary(r => (r.First, r.Last), r => r.Sha256);
        var ranges = new List<BlockRange>();
        // One for all: a layer has a thousand ranges.
        var buffer = new byte[ChunkSize];
        var at = 0;
        foreach (var (first, last) in Blocks(CardAllocation.UsedRanges(imagePath)))
        {
            var (start, end) = (first * BlockSize, Math.Min((last + 1) * BlockSize, length));
            while (at < equal.Count && equal[at].End < end)
                at++;
            var isEqual = at < equal.Count && equal[at].Start <= start;
            ranges.Add(new BlockRange(first, last, isEqual && known.TryGetValue((first, last), out var hash) ? hash : Hash(image, start, end, buffer, cancellation)));
        }

        return new BlockMap(length, ranges);
    }

    /// <summary>Whole blocks that hold any of the bytes; none twice.</summary>
    internal static IEnumerable<(long First, long Last)> Blocks(IEnumerable<ByteRange> ranges)
    {
        foreach (var (first, last) in Runs(ranges))
            for (long from = first, next; from <= last; from = next)
            {
                next = Math.Min((from / LongestRange + 1) * LongestRange, last + 1);
                yield return (from, next - 1);
            }
    }

    private static IEnumerable<(long First, long Last)> Runs(IEnumerable<ByteRange> ranges)
    {
        (long First, long Last)? open = null;
        foreach (var range in ranges)
        {
            var (first, last) = (range.Start / BlockSize, (range.End - 1) / BlockSize);
            if (open is { } before && first <= before.Last + 1)
            {
                open = (before.First, Math.Max(before.Last, last));
                continue;
            }

            if (open is { } complete)
                yield return complete;
            open = (first, last);
        }

        if (open is { } rest)
            yield return rest;
    }

    /// <summary>The file's text.</summary>
    public string ToXml()
    {
        var unsigned = Xml(new string('0', 64));
        return Xml(ContentFile.Sha256(unsigned));
    }

    // The checksum is that of the file with zeros in its place.
    private string Xml(string checksum)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" ?>
            <!-- The blocks of the image that a card must get; the others are free in its file systems. bmaptool copy IMAGE.img.xz /dev/sdX -->
            <bmap version="2.0">
                <ImageSize> {ImageBytes} </ImageSize>
                <BlockSize> {BlockSize} </BlockSize>
                <BlocksCount> {(ImageBytes + BlockSize - 1) / BlockSize} </BlocksCount>
                <MappedBlocksCount> {MappedBlocks} </MappedBlocksCount>
                <ChecksumType> sha256 </ChecksumType>
                <BmapFileChecksum> {checksum} </BmapFileChecksum>
                <BlockMap>

            """);
        foreach (var range in Ranges)
        {
            var blocks = range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}";
            text.Append(CultureInfo.InvariantCulture, $"        <Range chksum=\"{range.Sha256}\"> {blocks} </Range>\n");
        }

        return text.Append("    </BlockMap>\n</bmap>\n").ToString();
    }

    private static string Hash(Microsoft.Win32.SafeHandles.SafeFileHandle image, long start, long end, byte[] buffer, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var at = start; at < end;)
        {
            cancellation.ThrowIfCancellationRequested();
            var got = RandomAccess.Read(image, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            if (got == 0)
                throw new EndOfStreamException($"The image ended at byte {at}.");
            hash.AppendData(buffer, 0, got);
            at += got;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

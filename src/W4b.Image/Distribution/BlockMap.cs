using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Distribution;

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

    private const int ChunkSize = 1 << 20;

    /// <summary>Blocks that are mapped.</summary>
    public long MappedBlocks => Ranges.Sum(r => r.Last - r.First + 1);

    /// <summary>Makes the map of a raw image from its file systems' own allocation tables.</summary>
    /// <exception cref="W4bException">The image's partitions or file systems cannot be read.</exception>
    public static BlockMap Of(string imagePath, CancellationToken cancellation)
    {
        using var image = HostFile.OpenRead(imagePath);
        var length = RandomAccess.GetLength(image);
        var ranges = new List<BlockRange>();
        foreach (var (first, last) in Blocks(CardAllocation.UsedRanges(imagePath)))
            ranges.Add(new BlockRange(first, last, Hash(image, first * BlockSize, Math.Min((last + 1) * BlockSize, length), cancellation)));
        return new BlockMap(length, ranges);
    }

    /// <summary>Whole blocks that hold any of the bytes; none twice.</summary>
    internal static IEnumerable<(long First, long Last)> Blocks(IEnumerable<ByteRange> ranges)
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

    private static string Hash(Microsoft.Win32.SafeHandles.SafeFileHandle image, long start, long end, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(ChunkSize, end - start)];
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

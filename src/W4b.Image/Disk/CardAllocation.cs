using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>Which bytes of a card's image mean something.</summary>
public static class CardAllocation
{
    /// <summary>
    /// Everything but what a file system in the image says is free: ranges in bytes, ascending, no two of them adjacent. What is outside
    /// of file systems counts, and so does a whole partition whose file system is not known.
    /// </summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/>, <see cref="DiagnosticCode.DamagedFileSystem"/>,
    /// <see cref="DiagnosticCode.FileAccess"/>.</exception>
    public static IReadOnlyList<ByteRange> UsedRanges(string imagePath)
    {
        using var image = new RawImageReader(imagePath);
        var used = new List<ByteRange>();
        long done = 0;
        foreach (var partition in PartitionTable.Read(image).Partitions.OrderBy(p => p.StartSector))
        {
            var (start, end) = (partition.OffsetBytes, partition.OffsetBytes + partition.LengthBytes);
            used.Add(new ByteRange(done, start));
            used.AddRange(CardLayout.Identify(image, partition) switch
            {
                CardLayout.Ext4 => Ext4(imagePath, partition),
                CardLayout.Fat => Fat(image, partition),
                _ => [new ByteRange(start, end)],
            });
            done = end;
        }

        used.Add(new ByteRange(done, image.Length));
        return Merge(used);
    }

    private static IEnumerable<ByteRange> Ext4(string imagePath, Partition partition)
    {
        // Nothing is written, so the time is of no matter.
        using var fileSystem = Ext4FileSystem.Open(imagePath, partition.OffsetBytes, writable: false, DateTimeOffset.FromUnixTimeSeconds(1));
        return [.. fileSystem.UsedRanges().Select(r => r.Shift(partition.OffsetBytes)),
            new ByteRange(partition.OffsetBytes + fileSystem.Statistics.LengthBytes, partition.OffsetBytes + partition.LengthBytes)];
    }

    private static IEnumerable<ByteRange> Fat(ImageReader image, Partition partition)
    {
        var end = partition.OffsetBytes + partition.LengthBytes;
        try
        {
            var fat = new FatReader(image, partition.OffsetBytes);
            return [.. fat.UsedRanges().Select(r => r.Shift(partition.OffsetBytes)), new ByteRange(Math.Min(partition.OffsetBytes + fat.End, end), end)];
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.DamagedFileSystem)
        {
            // One that contradicts itself does not tell what is free.
            return [new ByteRange(partition.OffsetBytes, end)];
        }
    }

    private static List<ByteRange> Merge(IEnumerable<ByteRange> ranges)
    {
        var merged = new List<ByteRange>();
        foreach (var range in ranges.Where(r => r.Length > 0))
        {
            if (merged.Count > 0 && merged[^1].End >= range.Start)
                merged[^1] = merged[^1] with { End = Math.Max(merged[^1].End, range.End) };
            else
                merged.Add(range);
        }

        return merged;
    }
}

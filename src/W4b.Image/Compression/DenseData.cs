namespace W4b.Image.Compression;

/// <summary>A part of a block.</summary>
/// <param name="Start">Where it begins, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="IsDense">Whether nothing is gained by encoding it.</param>
internal readonly record struct Segment(int Start, int Length, bool IsDense);

/// <summary>
/// Finds what was compressed before, an initramfs for example: LZMA takes as long for it as for anything else and gains next to nothing.
/// It is told by its bytes, which are all about as frequent; whole numbers only, so that every machine says the same.
/// </summary>
internal static class DenseData
{
    // The smallest part that is looked at, in bytes.
    private const int UnitSize = 128 * 1024;

    // Between dense parts the encoder begins anew and forgets what it saw: only for long ones.
    private const int ShortestRun = 4;

    // The chance that two bytes of the data are equal, in parts of 256 * 1000: that of random data is 1000. Of an initramfs, which is mostly below this, LZMA gains two percent at most (docs/performance.md).
    private const int Limit = 1060;

    // What is dense may be there twice, and then the second is nothing. A word of each AnchorStride bytes is kept, and each place compared.
    private const int AnchorStride = 64;
    private const int TableBits = 18;
    private const int AnchorsForAMatch = 25;

    /// <summary>Cuts a block into parts that are dense and parts that are not, in order, in turn. Never none.</summary>
    public static IReadOnlyList<Segment> Cut(ReadOnlySpan<byte> block)
    {
        var dense = new bool[block.Length / UnitSize];
        for (var unit = 0; unit < dense.Length; unit++)
            dense[unit] = IsDense(block.Slice(unit * UnitSize, UnitSize));
        KeepLongRuns(dense);
        if (!dense.Contains(true) || Repeats(block, dense))
            return [new Segment(0, block.Length, IsDense: false)];

        var segments = new List<Segment>();
        for (int start = 0, end; start < block.Length; start = end)
        {
            var kind = At(start);
            end = start;
            do
                end = Math.Min(end + UnitSize, block.Length);
            while (end < block.Length && At(end) == kind);
            segments.Add(new Segment(start, end - start, kind));
        }

        return segments;

        // Behind the last whole unit nothing is looked at.
        bool At(int offset) => offset / UnitSize < dense.Length && dense[offset / UnitSize];
    }

    private static bool IsDense(ReadOnlySpan<byte> unit)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var value in unit)
            counts[value]++;
        long squares = 0;
        foreach (var count in counts)
            squares += (long)count * count;
        return squares * 256 * 1000 <= (long)unit.Length * unit.Length * Limit;
    }

    private static void KeepLongRuns(bool[] dense)
    {
        for (int start = 0, end; start < dense.Length; start = end)
        {
            for (end = start + 1; end < dense.Length && dense[end] == dense[start];)
                end++;
            if (dense[start] && end - start < ShortestRun)
                dense.AsSpan(start, end - start).Clear();
        }
    }

    // Whether more than one in so many anchors was there before, in this block. A match is worth one anchor, however many places it has.
    private static bool Repeats(ReadOnlySpan<byte> block, bool[] dense)
    {
        var table = new int[1 << TableBits];
        long anchors = 0, hits = 0, next = 0;
        for (var unit = 0; unit < dense.Length; unit++)
        {
            if (!dense[unit])
                continue;
            var end = Math.Min((unit + 1) * UnitSize, block.Length - sizeof(ulong));
            for (var place = unit * UnitSize; place < end; place++)
            {
                var word = BitConverter.ToUInt64(block[place..]);
                ref var entry = ref table[(int)((word * 0x9E3779B97F4A7C15) >> (64 - TableBits))];
                if (place >= next && entry != 0 && BitConverter.ToUInt64(block[(entry - 1)..]) == word)
                {
                    hits++;
                    next = place + AnchorStride;
                }

                if (place % AnchorStride == 0)
                {
                    entry = place + 1;
                    anchors++;
                }
            }
        }

        return hits * AnchorsForAMatch > anchors;
    }
}

namespace W4b.Image.Distribution.Report;

/// <summary>Something with a size, in a map of areas.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Group">What it belongs to: things of one group have one colour and stand together.</param>
internal sealed record TreemapItem(string Name, long Bytes, string Group);

/// <summary>An item's place.</summary>
internal readonly record struct TreemapCell(TreemapItem Item, double X, double Y, double Width, double Height);

/// <summary>
/// Areas in proportion to sizes, as near to squares as they go (Bruls, Huizing, van Wijk: "Squarified Treemaps"): groups in the whole,
/// items in their groups.
/// </summary>
internal static class Treemap
{
    /// <summary>Places all items that have a size.</summary>
    public static IReadOnlyList<TreemapCell> Layout(IEnumerable<TreemapItem> items, double width, double height)
    {
        var groups = items.Where(i => i.Bytes > 0).GroupBy(i => i.Group, StringComparer.Ordinal)
            .Select(g => (Items: g.OrderByDescending(i => i.Bytes).ThenBy(i => i.Name, StringComparer.Ordinal).ToList(), Bytes: (double)g.Sum(i => i.Bytes), Name: g.Key))
            .OrderByDescending(g => g.Bytes).ThenBy(g => g.Name, StringComparer.Ordinal).ToList();
        var cells = new List<TreemapCell>();
        foreach (var (group, place) in groups.Zip(Squarify([.. groups.Select(g => g.Bytes)], new Area(0, 0, width, height))))
            cells.AddRange(group.Items.Zip(Squarify([.. group.Items.Select(i => (double)i.Bytes)], place), (item, p) => new TreemapCell(item, p.X, p.Y, p.Width, p.Height)));
        return cells;
    }

    // Sizes descend.
    private static List<Area> Squarify(IReadOnlyList<double> sizes, Area free)
    {
        var places = new List<Area>();
        var scale = free.Width * free.Height / Math.Max(sizes.Sum(), 1);
        for (var start = 0; start < sizes.Count;)
        {
            var side = Math.Min(free.Width, free.Height);
            var end = start + 1;
            while (end < sizes.Count && Worst(sizes, start, end + 1, side, scale) <= Worst(sizes, start, end, side, scale))
                end++;
            free = Row(sizes, start, end, free, scale, places);
            start = end;
        }

        return places;
    }

    // The least square-like of a row along the shorter side.
    private static double Worst(IReadOnlyList<double> sizes, int start, int end, double side, double scale)
    {
        var sum = 0.0;
        for (var i = start; i < end; i++)
            sum += sizes[i] * scale;
        var (largest, smallest) = (sizes[start] * scale, sizes[end - 1] * scale);
        return Math.Max(side * side * largest / (sum * sum), sum * sum / (side * side * smallest));
    }

    private static Area Row(IReadOnlyList<double> sizes, int start, int end, Area free, double scale, List<Area> places)
    {
        var sum = 0.0;
        for (var i = start; i < end; i++)
            sum += sizes[i];
        var upright = free.Width >= free.Height;
        var thickness = sum * scale / (upright ? free.Height : free.Width);
        var at = 0.0;
        for (var i = start; i < end; i++)
        {
            var length = sizes[i] / sum * (upright ? free.Height : free.Width);
            places.Add(upright ? new Area(free.X, free.Y + at, thickness, length) : new Area(free.X + at, free.Y, length, thickness));
            at += length;
        }

        return upright ? new Area(free.X + thickness, free.Y, Math.Max(free.Width - thickness, 0), free.Height)
            : new Area(free.X, free.Y + thickness, free.Width, Math.Max(free.Height - thickness, 0));
    }

    private readonly record struct Area(double X, double Y, double Width, double Height);
}

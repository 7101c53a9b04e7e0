using W4b.Image.Distribution.Contents;
using W4b.Image.Distribution.Report;

namespace W4b.Image.Tests.Distribution.Report;

/// <summary>Areas of a treemap.</summary>
public sealed class TreemapTests
{
    private static readonly TreemapItem[] s_items =
    [
        new("a", 600, "x"), new("b", 300, "x"), new("c", 100, "y"), new("d", 50, "y"), new("e", 1, "z"), new("empty", 0, "z"),
    ];

    [Fact]
    public void Each_item_has_its_share_of_the_area()
    {
        var cells = Treemap.Layout(s_items, 400, 200);
        Assert.Equal(["a", "b", "c", "d", "e"], cells.Select(c => c.Item.Name));
        foreach (var cell in cells)
            Assert.Equal(cell.Item.Bytes / 1051.0 * 400 * 200, cell.Width * cell.Height, precision: 3);
    }

    [Theory]
    [InlineData(400, 200)]
    [InlineData(100, 900)]
    public void Nothing_overlaps_or_lies_outside(double width, double height)
    {
        var cells = Treemap.Layout(s_items, width, height);
        const double tiny = 1e-6;
        foreach (var cell in cells)
            Assert.True(cell.X >= -tiny && cell.Y >= -tiny && cell.X + cell.Width <= width + tiny && cell.Y + cell.Height <= height + tiny, cell.ToString());
        foreach (var (a, b) in cells.SelectMany((a, i) => cells.Skip(i + 1).Select(b => (a, b))))
            Assert.False(a.X < b.X + b.Width - tiny && b.X < a.X + a.Width - tiny && a.Y < b.Y + b.Height - tiny && b.Y < a.Y + a.Height - tiny, $"{a} {b}");
    }

    [Fact]
    public void Items_are_nearly_square()
    {
        var cells = Treemap.Layout(Enumerable.Range(1, 40).Select(i => new TreemapItem($"{i}", i * i, "g")), 800, 400);
        Assert.InRange(cells.Average(c => Math.Max(c.Width / c.Height, c.Height / c.Width)), 1, 2);
    }

    [Fact]
    public void No_items_are_no_areas() => Assert.Empty(Treemap.Layout([], 10, 10));

    [Fact]
    public void Folders_do_not_count_what_deeper_ones_have()
    {
        var items = BuildReport.FolderItems([new FolderSize("/usr", 100), new FolderSize("/usr/lib", 70), new FolderSize("/usr/lib/x", 30), new FolderSize("/usr/libexec", 5), new FolderSize("/var", 9)]);
        Assert.Equal([("/usr", 25L), ("/usr/lib", 40), ("/usr/lib/x", 30), ("/usr/libexec", 5), ("/var", 9)], items.Select(i => (i.Name, i.Bytes)));
        Assert.All(items.Take(4), i => Assert.Equal("/usr", i.Group));
    }

    [Fact]
    public void Sums_of_folders_go_down_to_the_third_level()
        => Assert.Equal([new FolderSize("/a", 7), new FolderSize("/a/b", 7), new FolderSize("/a/b/c", 4)],
            ImageContents.FolderSizes([KeyValuePair.Create("/top", 1L), KeyValuePair.Create("/a/b/file", 3L), KeyValuePair.Create("/a/b/c/d/e/f", 4L)]));
}

using System.Globalization;
using System.Net;
using System.Text;

namespace W4b.Image.Distribution.Report;

/// <summary>A treemap as inline SVG. Colours are the page's: each group has a class of its own.</summary>
internal static class TreemapSvg
{
    private const int Colours = 8;
    private const double CharacterWidth = 6.6;
    private const double LineHeight = 15;

    /// <summary>The picture.</summary>
    /// <param name="items">What is in it.</param>
    /// <param name="width">Its width in units of which a label's letter is 12 high.</param>
    /// <param name="height">Its height.</param>
    /// <param name="label">What it shows, for who cannot see it.</param>
    /// <param name="cssClass">The page's class for it.</param>
    public static string Write(IEnumerable<TreemapItem> items, int width, int height, string label, string cssClass)
    {
        var cells = Treemap.Layout(items, width, height);
        var groups = cells.Select(c => c.Item.Group).Distinct().Select((g, i) => (g, i)).ToDictionary(p => p.g, p => p.i % Colours, StringComparer.Ordinal);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"{cssClass}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(label)}\">\n");
        foreach (var cell in cells)
        {
            var name = WebUtility.HtmlEncode(cell.Item.Name);
            svg.Append(CultureInfo.InvariantCulture, $"<g class=\"c{groups[cell.Item.Group]}\"><title>{name}: {Bytes(cell.Item.Bytes)}</title>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{cell.X:0.#}\" y=\"{cell.Y:0.#}\" width=\"{Math.Max(cell.Width, 0):0.#}\" height=\"{Math.Max(cell.Height, 0):0.#}\"/>");
            if (cell.Width > cell.Item.Name.Length * CharacterWidth + 6 && cell.Height > LineHeight + 4)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{cell.X + 4:0.#}\" y=\"{cell.Y + LineHeight:0.#}\">{name}</text>");
                if (cell.Height > 2 * LineHeight + 4 && cell.Width > 62)
                    svg.Append(CultureInfo.InvariantCulture, $"<text class=\"size\" x=\"{cell.X + 4:0.#}\" y=\"{cell.Y + 2 * LineHeight:0.#}\">{Bytes(cell.Item.Bytes)}</text>");
            }

            svg.Append("</g>\n");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>A size for people.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):0} KiB"),
        _ => $"{bytes} B",
    };
}

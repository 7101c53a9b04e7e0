using System.Globalization;
using System.Text;

namespace W4b.Image.Comparison;

/// <summary>An image to compare, as the report calls it.</summary>
/// <param name="Name">Its file.</param>
/// <param name="Sha256">sha256 of the raw image.</param>
/// <param name="Facts">What it holds.</param>
public sealed record ComparedImage(string Name, string Sha256, ImageFacts Facts);

/// <summary>One thing in which two images differ; an empty side has nothing of it.</summary>
/// <param name="What">What it is.</param>
/// <param name="First">The first image's value.</param>
/// <param name="Second">The second image's value.</param>
public sealed record Difference(string What, string First, string Second);

/// <summary>In what two images differ. Pure.</summary>
public sealed class ImageComparison
{
    private const int ShownHash = 12;

    private readonly ComparedImage _first;
    private readonly ComparedImage _second;
    private readonly IReadOnlyList<string> _otherBytes;

    /// <summary>Compares two images.</summary>
    /// <param name="first">One image.</param>
    /// <param name="second">The other.</param>
    /// <param name="differentPlaces">Where on the card bytes differ, for images whose files do not.</param>
    public ImageComparison(ComparedImage first, ComparedImage second, IReadOnlyList<string> differentPlaces)
    {
        (_first, _second, _otherBytes) = (first, second, differentPlaces);
        var (a, b) = (first.Facts, second.Facts);
        Sections =
        [
            ("Sizes and partitions", Values(a.Layout, b.Layout)),
            ("Packages", Values(a.Packages, b.Packages)),
            ("Units", Values(a.Units, b.Units)),
            ("Users and groups", Values(a.Users, b.Users)),
            ("Ports", Values(a.Ports, b.Ports)),
            ("Files", [.. Files(a.Files, b.Files)]),
        ];
    }

    /// <summary>The differences by kind, each list in ordinal order.</summary>
    public IReadOnlyList<(string Title, IReadOnlyList<Difference> Differences)> Sections { get; }

    /// <summary>Whether the images are equal to the byte.</summary>
    public bool IsSame => _first.Sha256 == _second.Sha256;

    /// <summary>The report: GitHub's Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append($"# {Cell(_first.Name)} and {Cell(_second.Name)}\n\n| | first | second |\n|---|---|---|\n");
        text.Append($"| sha256 | `{_first.Sha256}` | `{_second.Sha256}` |\n");
        text.Append(CultureInfo.InvariantCulture, $"| packages | {_first.Facts.Packages.Count} | {_second.Facts.Packages.Count} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| files, folders, links | {_first.Facts.Files.Count} | {_second.Facts.Files.Count} |\n\n");
        text.Append(Summary()).Append('\n');
        foreach (var (title, differences) in Sections.Where(s => s.Differences.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}: {differences.Count}\n\n| | first | second |\n|---|---|---|\n");
            foreach (var difference in differences)
                text.Append($"| {Cell(difference.What)} | {Cell(difference.First)} | {Cell(difference.Second)} |\n");
        }

        return text.ToString();
    }

    private string Summary()
    {
        if (IsSame)
            return "The images are the same to the byte.";
        if (Sections.Any(s => s.Differences.Count > 0))
            return "They differ in: " + string.Join(", ", Sections.Where(s => s.Differences.Count > 0)
                .Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Title.ToLowerInvariant()} ({s.Differences.Count})"))) + ".";
        return $"No file differs, but bytes of the card do: {string.Join(", ", _otherBytes)}.";
    }

    private static IReadOnlyList<Difference> Values(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b)
        => [.. a.Keys.Union(b.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(key => new Difference(key, a.GetValueOrDefault(key, ""), b.GetValueOrDefault(key, ""))).Where(d => d.First != d.Second)];

    private static IEnumerable<Difference> Files(IReadOnlyDictionary<string, FileFacts> a, IReadOnlyDictionary<string, FileFacts> b)
    {
        foreach (var path in a.Keys.Union(b.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (first, second) = (a.GetValueOrDefault(path), b.GetValueOrDefault(path));
            if (first == second)
                continue;
            // Of a file that both have only what differs; of one that one has what it is.
            var aspects = first is null || second is null ? Aspects(first ?? second!, all: false)
                : [.. Aspects(first, all: true).Zip(Aspects(second, all: true)).Where(p => p.First != p.Second).Select(p => p.First)];
            yield return new Difference(path, Describe(first, aspects.Select(x => x.Name)), Describe(second, aspects.Select(x => x.Name)));
        }
    }

    private static string Describe(FileFacts? file, IEnumerable<string> aspects)
        => file is null ? "" : string.Join(", ", Aspects(file, all: true).Where(x => aspects.Contains(x.Name)).Select(x => $"{x.Name} {x.Value}".Trim()));

    private static List<(string Name, string Value)> Aspects(FileFacts file, bool all)
    {
        List<(string, string)> aspects =
        [
            ("", file.Type), ("mode", file.Mode), ("owner", file.Owner), ("size", file.Size.ToString(CultureInfo.InvariantCulture)),
            (file.Type == "link" ? "to" : "sha256", file.Type == "link" ? file.Content : file.Content[..Math.Min(file.Content.Length, ShownHash)]),
        ];
        if (all)
            aspects.AddRange([("attributes", file.Attributes), ("time", DateTimeOffset.FromUnixTimeSeconds(file.Time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture))]);
        return aspects;
    }

    private static string Cell(string text)
        => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
}

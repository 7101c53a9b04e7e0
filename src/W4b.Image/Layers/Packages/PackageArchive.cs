using System.Globalization;
using System.Text.RegularExpressions;

namespace W4b.Image.Layers.Packages;

/// <summary>A .deb that apt is going to download.</summary>
/// <param name="FileName">Its name in apt's folder of archives: name, version and architecture.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its sha256 by the repository's signed list, 64 lower-case hexadecimal digits.</param>
/// <param name="Url">Where it is.</param>
internal sealed partial record PackageArchive(string FileName, long Bytes, string Sha256, string Url = "")
{
    /// <summary>The options with which apt-get names what it would download instead of doing it; without the second it names MD5 sums.</summary>
    public static IReadOnlyList<string> PrintOptions { get; } = ["--print-uris", "-o", "Acquire::ForceHash=SHA256", "-y"];

    /// <summary>The archives that <c>apt-get --print-uris</c> names; lines that name none, or no sha256, are passed over.</summary>
    public static IReadOnlyList<PackageArchive> Parse(IEnumerable<string> lines)
        => [.. lines.Select(line => Line().Match(line)).Where(m => m.Success)
            .Select(m => new PackageArchive(m.Groups["file"].Value, long.Parse(m.Groups["bytes"].Value, CultureInfo.InvariantCulture), m.Groups["hash"].Value.ToLowerInvariant(),
                m.Groups["url"].Value))];

    [GeneratedRegex(@"^'(?<url>[^']+)' (?<file>[^ /]+\.deb) (?<bytes>[0-9]+) SHA256:(?<hash>[0-9a-fA-F]{64})$")]
    private static partial Regex Line();
}

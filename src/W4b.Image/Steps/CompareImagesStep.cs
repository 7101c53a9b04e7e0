using W4b.Image.Comparison;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>Two images are compared by what is in them.</summary>
public static class CompareImagesStep
{
    /// <summary>Writes the report of the comparison, Markdown, to <paramref name="reportFile"/> and returns it.</summary>
    /// <param name="image">An .img, or an archive of one.</param>
    /// <param name="otherImage">Another.</param>
    /// <param name="reportFile">The report to write; archives are unpacked beside it.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="W4bException">One of them cannot be read, or is no card image.</exception>
    public static async Task<string> RunAsync(string image, string otherImage, string reportFile, IBuildLog log, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(reportFile)!).FullName;
        using var first = await RawImage.OpenAsync(image, folder, log, ct).ConfigureAwait(false);
        using var second = await RawImage.OpenAsync(otherImage, folder, log, ct).ConfigureAwait(false);
        var reader = new ImageFactsReader(log);
        var (sha256, otherSha256, places) = RawImage.Compare(first, second, ct);
        var facts = await reader.ReadAsync(first.Path, ct).ConfigureAwait(false);
        var otherFacts = sha256 == otherSha256 ? facts : await reader.ReadAsync(second.Path, ct).ConfigureAwait(false);
        var report = new ImageComparison(new ComparedImage(Path.GetFileName(image), sha256, facts), new ComparedImage(Path.GetFileName(otherImage), otherSha256, otherFacts), places).Markdown();
        ContentFile.WriteAtomically(reportFile, report);
        return report;
    }
}

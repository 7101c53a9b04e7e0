using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: the report names both.</summary>
public static class CompareImagesStep
{
    /// <summary>As in the real domain.</summary>
    public static Task<string> RunAsync(string image, string otherImage, string reportFile, IBuildLog log, CancellationToken ct)
    {
        var report = $"{image}\n{otherImage}\n";
        Directory.CreateDirectory(Path.GetDirectoryName(reportFile)!);
        File.WriteAllText(reportFile, report);
        return Task.FromResult(report);
    }
}

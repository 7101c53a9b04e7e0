using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Validation;
using W4b.Image.Validation.Reports;

namespace W4b.Image.Steps;

/// <summary>Where a report goes: files beside each other, the log, and MSBuild's warnings and errors.</summary>
internal static class ValidationOutput
{
    // A rule that everything breaks is not told a thousand times.
    private const int MostFindings = 10;

    /// <summary>
    /// Writes the report as <c>.json</c>, <c>.sarif</c> and <c>.txt</c>. <paramref name="reportFile"/>, the first of them, appears only for an
    /// image that passes; else it ends in <c>.failed</c>. Warnings are logged.
    /// </summary>
    /// <returns>The errors.</returns>
    public static IReadOnlyList<Diagnostic> Write(ValidationReport report, string reportFile, IBuildLog log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(reportFile)!);
        var table = TableReport.Text(report);
        foreach (var line in table.TrimEnd('\n').Split('\n'))
            log.Info(line);
        ContentFile.WriteAtomically(Path.ChangeExtension(reportFile, ".txt"), table);
        ContentFile.WriteAtomically(Path.ChangeExtension(reportFile, ".sarif"), SarifReport.Text(report));
        foreach (var diagnostic in report.Results.Where(r => r.Rule.Severity == RuleSeverity.Warning).SelectMany(Diagnostics))
            log.Warning(diagnostic);
        ContentFile.WriteAtomically(report.Passed ? reportFile : reportFile + ".failed", ImageJson.Write(report));
        return [.. report.Results.Where(r => r.Rule.Severity == RuleSeverity.Error).SelectMany(Diagnostics)];
    }

    private static IEnumerable<Diagnostic> Diagnostics(RuleResult result)
        => result.Findings.Take(MostFindings).Select(f => new Diagnostic(result.Rule.Code, $"{result.Rule.Name}: {f.Message}"))
            .Concat(result.Findings.Count > MostFindings ? [new Diagnostic(result.Rule.Code, $"{result.Rule.Name}: {result.Findings.Count - MostFindings} more like these; the report lists them.")] : []);
}

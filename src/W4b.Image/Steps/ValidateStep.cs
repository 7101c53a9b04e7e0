using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Validation;

namespace W4b.Image.Steps;

/// <summary>The finished image is checked by the offline rules.</summary>
public static class ValidateStep
{
    /// <summary>Checks <paramref name="image"/> and writes the report; a report of an image that fails ends in <c>.failed</c>.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ValidationFailed"/>: one for each rule that is not kept.</exception>
    public static async Task RunAsync(string imageJson, string image, string reportFile, IBuildLog log, CancellationToken ct)
    {
        var plans = HivePlans.Read(imageJson, log);
        var report = await new ImageValidator(image, log).CheckAsync(plans.Whole, ct).ConfigureAwait(false);
        foreach (var result in report.Results)
            log.Info($"{(result.Passed ? "kept" : "NOT KEPT")}: {result.Rule}");
        if (!report.Passed)
        {
            ContentFile.WriteAtomically(reportFile + ".failed", ImageJson.Write(report));
            throw new W4bException([.. report.Results.Where(r => !r.Passed)
                .Select(r => new Diagnostic(DiagnosticCode.ValidationFailed, $"{r.Rule}: {string.Join(" ", r.Problems)} The report: {reportFile}.failed."))]);
        }

        ContentFile.WriteAtomically(reportFile, ImageJson.Write(report));
    }
}

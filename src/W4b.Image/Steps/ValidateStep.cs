using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Inspection;
using W4b.Image.Validation;

namespace W4b.Image.Steps;

/// <summary>The finished image is checked by the offline rules.</summary>
public static class ValidateStep
{
    /// <summary>
    /// Checks <paramref name="image"/> and writes the report, beside it the same as <c>.sarif</c> and <c>.txt</c>; the report of an image that fails ends in
    /// <c>.failed</c>.
    /// </summary>
    /// <param name="imageJson">The configuration; layer.json and base.path are beside it.</param>
    /// <param name="image">The finished image.</param>
    /// <param name="reportFile">The report to write.</param>
    /// <param name="rules">The project's own rules.</param>
    /// <param name="log">Receives the report, and warnings.</param>
    /// <param name="ct">Stops between rules.</param>
    /// <exception cref="W4bException">Each finding of a rule whose severity is error, with the rule's id, and
    /// <see cref="DiagnosticCode.ValidationFailed"/>.</exception>
    public static async Task RunAsync(string imageJson, string image, string reportFile, IReadOnlyList<OwnRule> rules, IBuildLog log, CancellationToken ct)
    {
        File.Delete(reportFile + ".failed");
        var record = new StageRecord(Path.GetDirectoryName(imageJson)!, "ValidateImage", [StageInputs.OfImage(image), .. rules.Select(r => new StageInput($"rule {r.Path}", r.Severity))]);
        record.Explain(log);
        var hive = ImageJson.Read<HiveConfiguration>(imageJson);
        var secrets = new SecretCollector(log);
        var plans = HivePlans.Read(imageJson, secrets);
        var asked = RuleSet.Create(hive.ValidationRules ?? new Dictionary<string, string>(), rules, log);
        var report = new ValidationReport(Path.GetFileName(image), await CheckAsync().ConfigureAwait(false));
        record.Complete();
        var errors = ValidationOutput.Write(report, reportFile, log);
        if (errors.Count > 0)
            throw new W4bException([.. errors, new Diagnostic(DiagnosticCode.ValidationFailed,
                $"{Path.GetFileName(image)} breaks {string.Join(", ", report.Results.Where(r => !r.Passed).Select(r => r.Rule.Name))}. The report: {reportFile}.failed.")]);

        async Task<IReadOnlyList<RuleResult>> CheckAsync()
        {
            CardImage card;
            try
            {
                card = CardImage.Open(image);
            }
            catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.UnsupportedLayout)
            {
                return ImageValidator.WithoutCard(e, asked);
            }

            using (card)
                return await ImageValidator.CheckAsync(new RuleSubject(card, log)
                {
                    Project = hive, ProjectPlan = plans.Whole, Secrets = secrets.Secrets, BaseImage = BaseImageOf(Path.GetDirectoryName(imageJson)!),
                }, asked, quick: false, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The base image in the cache, when it is still there.</summary>
    internal static string? BaseImageOf(string objFolder)
    {
        var note = Path.Combine(objFolder, "base.path");
        return File.Exists(note) && File.ReadAllText(note).Trim() is { Length: > 0 } image && File.Exists(image) ? image : null;
    }
}

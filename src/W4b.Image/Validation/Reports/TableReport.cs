using System.Text;

namespace W4b.Image.Validation.Reports;

/// <summary>A report as a table for people.</summary>
internal static class TableReport
{
    /// <summary>A line a rule, and below it what is wrong.</summary>
    public static string Text(ValidationReport report)
    {
        var width = report.Results.Max(r => r.Rule.Name.Length);
        var idWidth = report.Results.Max(r => r.Rule.Id.Length);
        var text = new StringBuilder();
        foreach (var result in report.Results)
        {
            var says = result.State switch
            {
                RuleState.Kept => "kept     ",
                RuleState.NotApplicable => $"-          {result.Reason}",
                _ when result.Rule.Severity == RuleSeverity.Error => $"BROKEN     {result.Rule.Title}: this is not so.",
                _ => $"warning    {result.Rule.Title}: this is not so.",
            };
            text.Append($"{result.Rule.Id.PadRight(idWidth)}  {result.Rule.Name.PadRight(width)}  {says}".TrimEnd()).Append('\n');
            foreach (var finding in result.Findings)
                text.Append($"{new string(' ', idWidth)}    {finding.Message.ReplaceLineEndings(" ")}\n");
        }

        return text.ToString();
    }
}

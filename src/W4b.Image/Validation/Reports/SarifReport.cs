using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using W4b.Image.Diagnostics;

namespace W4b.Image.Validation.Reports;

/// <summary>A report as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), which code hosts and editors show.</summary>
internal static class SarifReport
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The report's text. A rule that is kept or does not apply has a result that says so.</summary>
    public static string Text(ValidationReport report)
    {
        var rules = report.Results.Select(r => r.Rule).ToList();
        var root = new JsonObject
        {
            ["$schema"] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject
                {
                    ["driver"] = new JsonObject
                    {
                        ["name"] = "W4b.Image.Sdk",
                        ["version"] = ToolVersion.Current,
                        ["rules"] = new JsonArray([.. rules.Select(Rule)]),
                    },
                },
                ["originalUriBaseIds"] = new JsonObject { ["IMAGE"] = new JsonObject { ["description"] = Message($"The root of {report.Image}.") } },
                ["results"] = new JsonArray([.. report.Results.SelectMany((result, index) => Results(result, index))]),
            }),
        };
        return root.ToJsonString(s_options) + "\n";
    }

    private static JsonObject Rule(RuleInfo rule) => new()
    {
        ["id"] = rule.Id,
        ["name"] = rule.Name,
        ["shortDescription"] = Message(rule.Title + "."),
        ["fullDescription"] = Message(rule.Why),
        ["help"] = Message(rule.Fix),
        ["defaultConfiguration"] = new JsonObject { ["level"] = Level(rule), ["enabled"] = rule.Severity != RuleSeverity.None },
    };

    private static IEnumerable<JsonObject> Results(RuleResult result, int index) => result.State switch
    {
        RuleState.Kept => [Result(result, index, "pass", "none", result.Rule.Title + ".", null)],
        RuleState.NotApplicable => [Result(result, index, "notApplicable", "none", result.Reason!, null)],
        _ => result.Findings.Select(f => Result(result, index, "fail", Level(result.Rule), f.Message, f.Path)),
    };

    private static JsonObject Result(RuleResult result, int index, string kind, string level, string message, string? path)
    {
        var json = new JsonObject { ["ruleId"] = result.Rule.Id, ["ruleIndex"] = index, ["kind"] = kind, ["level"] = level, ["message"] = Message(message) };
        if (path is not null)
            json["locations"] = new JsonArray(new JsonObject
            {
                ["physicalLocation"] = new JsonObject
                {
                    ["artifactLocation"] = new JsonObject { ["uri"] = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.EscapeDataString)), ["uriBaseId"] = "IMAGE" },
                },
            });
        return json;
    }

    private static string Level(RuleInfo rule) => rule.Severity switch
    {
        RuleSeverity.Error => "error",
        RuleSeverity.Warning => "warning",
        _ => "none",
    };

    private static JsonObject Message(string text) => new() { ["text"] = text };
}

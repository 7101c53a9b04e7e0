using W4b.Image.Diagnostics;
using W4b.Image.Validation.OwnRules;

namespace W4b.Image.Validation;

/// <summary>The rules that are asked in a project, each with the severity that counts there.</summary>
internal static class RuleSet
{
    /// <summary>This SDK's rules and the project's own.</summary>
    /// <param name="severities">validation.rules: a rule's id or name, and <c>error</c>, <c>warning</c> or <c>none</c>.</param>
    /// <param name="own">The project's own rules.</param>
    /// <param name="log">Receives a warning for each name that no rule has.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.OwnRuleFailed"/>.</exception>
    public static IReadOnlyList<ImageRule> Create(IReadOnlyDictionary<string, string> severities, IReadOnlyList<OwnRule> own, IBuildLog log)
    {
        List<ImageRule> rules = [.. RuleCatalog.All, .. own.SelectMany(Read)];
        if (rules.GroupBy(r => r.Info.Id, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw DiagnosticCode.OwnRuleFailed.Error($"Two rules have the id {same.Key}; a script's id is its file's name.");
        foreach (var (name, severity) in severities)
        {
            var at = rules.FindIndex(r => Is(r, name));
            if (at >= 0)
                rules[at] = rules[at] with { Info = rules[at].Info with { Severity = Severity(severity) ?? rules[at].Info.Severity } };
            else
                log.Warning(new Diagnostic(DiagnosticCode.UnknownRule, $"validation.rules names {name}, and no rule has this id or name."
                    + (Nearest.Of(name, rules.Select(r => r.Info.Name)) is { } near ? $" {near} is near." : "")));
        }

        return rules;
    }

    /// <summary>A severity by its name in configurations; null when it is none.</summary>
    public static RuleSeverity? Severity(string text) => Enum.TryParse<RuleSeverity>(text, ignoreCase: true, out var severity) && !char.IsDigit(text[0]) ? severity : null;

    private static bool Is(ImageRule rule, string name)
        => rule.Info.Id.Equals(name, StringComparison.OrdinalIgnoreCase) || rule.Info.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<ImageRule> Read(OwnRule own)
        => own.Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? RuleAssembly.Read(own.Path) : [ScriptRule.Create(own)];
}

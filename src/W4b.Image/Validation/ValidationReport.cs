namespace W4b.Image.Validation;

/// <summary>How a rule came out.</summary>
public enum RuleState
{
    /// <summary>Nothing is wrong.</summary>
    Kept,
    /// <summary>Something is.</summary>
    Broken,
    /// <summary>The rule says nothing of this image, or was not asked.</summary>
    NotApplicable,
}

/// <summary>What one rule found.</summary>
/// <param name="Rule">The rule; its severity is the one that counts here.</param>
/// <param name="State">How it came out.</param>
/// <param name="Findings">What is wrong; empty but for a broken rule.</param>
/// <param name="Reason">Why the rule does not apply; null otherwise.</param>
public sealed record RuleResult(RuleInfo Rule, RuleState State, IReadOnlyList<RuleFinding> Findings, string? Reason = null)
{
    /// <summary>Whether the rule lets the image pass.</summary>
    public bool Passed => State != RuleState.Broken || Rule.Severity != RuleSeverity.Error;
}

/// <summary>What the offline rules say of an image.</summary>
/// <param name="Image">The image's file name.</param>
/// <param name="Results">Every rule, in the order of the catalog.</param>
public sealed record ValidationReport(string Image, IReadOnlyList<RuleResult> Results)
{
    /// <summary>Whether the image may be released.</summary>
    public bool Passed => Results.All(r => r.Passed);
}

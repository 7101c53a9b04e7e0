namespace W4b.Image.Validation;

/// <summary>What one rule found.</summary>
/// <param name="Rule">The rule, in a few words.</param>
/// <param name="Problems">What is wrong; empty when the rule is kept.</param>
public sealed record RuleResult(string Rule, IReadOnlyList<string> Problems)
{
    /// <summary>Whether the rule is kept.</summary>
    public bool Passed => Problems.Count == 0;
}

/// <summary>What the offline rules say of an image.</summary>
/// <param name="Image">The image's file name.</param>
/// <param name="Results">Every rule, in the order of checking.</param>
public sealed record ValidationReport(string Image, IReadOnlyList<RuleResult> Results)
{
    /// <summary>Whether every rule is kept.</summary>
    public bool Passed => Results.All(r => r.Passed);
}

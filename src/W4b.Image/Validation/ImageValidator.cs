using W4b.Image.Diagnostics;

namespace W4b.Image.Validation;

/// <summary>Asks rules about an image, without running it.</summary>
internal static class ImageValidator
{
    // Without these there is nothing that the other rules could look at: what stands in a damaged file system says nothing.
    private static readonly string[] s_foundations = ["W4BR002", "W4BR003"];

    /// <summary>Asks <paramref name="rules"/> in their order.</summary>
    /// <param name="subject">The image, and what is known of it.</param>
    /// <param name="rules">The rules with the severities that count here.</param>
    /// <param name="quick">Whether only those are asked that read little.</param>
    /// <param name="cancellation">Stops between rules.</param>
    public static async Task<IReadOnlyList<RuleResult>> CheckAsync(RuleSubject subject, IReadOnlyList<ImageRule> rules, bool quick, CancellationToken cancellation)
    {
        var results = new List<RuleResult>();
        try
        {
            foreach (var rule in rules)
            {
                cancellation.ThrowIfCancellationRequested();
                var damage = results.FirstOrDefault(r => r.State == RuleState.Broken && s_foundations.Contains(r.Rule.Id));
                results.Add(rule.Info.Severity == RuleSeverity.None ? NotAsked(rule, "validation.rules says so")
                    : damage is not null && !s_foundations.Contains(rule.Info.Id) ? NotAsked(rule, $"{damage.Rule.Name} is broken")
                    : quick && rule.Info.Reach == RuleReach.Everything ? NotAsked(rule, "the quick form reads only a few files")
                    : await AskAsync(rule, subject, cancellation).ConfigureAwait(false));
            }
        }
        finally
        {
            // Whoever asked may close the image. A failure is that of the rule that needed it.
            await subject.EndedAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return results;
    }

    /// <summary>The results for an image that has no partitions that a card has.</summary>
    public static IReadOnlyList<RuleResult> WithoutCard(W4bException failure, IReadOnlyList<ImageRule> rules)
        => [.. rules.Select((rule, i) => i == 0
            ? new RuleResult(rule.Info, RuleState.Broken, [.. failure.Diagnostics.Select(d => new RuleFinding(d.Message))])
            : NotAsked(rule, $"{rules[0].Info.Name} is broken"))];

    private static async Task<RuleResult> AskAsync(ImageRule rule, RuleSubject subject, CancellationToken cancellation)
    {
        RuleOutcome outcome;
        try
        {
            outcome = await rule.CheckAsync(subject, cancellation).ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics.All(d => d.Code == DiagnosticCode.DamagedFileSystem || d.Code == DiagnosticCode.ImageDamaged))
        {
            // What the rule wanted to read is damaged.
            outcome = RuleOutcome.Of(e.Diagnostics.Select(d => new RuleFinding(d.Message)));
        }

        return outcome.NotApplicable is { } reason ? NotAsked(rule, reason)
            : new RuleResult(rule.Info, outcome.Findings.Count == 0 ? RuleState.Kept : RuleState.Broken, outcome.Findings);
    }

    private static RuleResult NotAsked(ImageRule rule, string why) => new(rule.Info, RuleState.NotApplicable, [], why);
}

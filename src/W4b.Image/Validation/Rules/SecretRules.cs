using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Rules;

/// <summary>Secrets are where they belong, and nowhere else.</summary>
internal static class SecretRules
{
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR031", "secrets", RuleSeverity.Error, "The project's secrets are in the files that need them alone",
                "A copy elsewhere, a log or a deleted file's space, is protected by nobody.",
                "Look for the script or file that copies the secret; read it from its own file instead.", RuleReach.Everything), Secrets),
    ];

    private static RuleOutcome Secrets(RuleSubject subject)
    {
        if (subject.Plan is not { } plan)
            return RuleOutcome.DoesNotApply(subject.NoPlan);
        var needles = ContentScan.SecretNeedles(subject).ToList();
        if (needles.Count == 0)
            return RuleOutcome.DoesNotApply("the project has no secret that could be looked for");
        var mountPoint = BootMount.Find(subject.Root);
        var allowed = plan.Entries.OfType<PlannedFile>().Where(f => needles.Any(n => f.Content.Span.IndexOf(n) >= 0))
            .Select(f => f.Path.StartsWith(mountPoint + "/", StringComparison.Ordinal) ? f.Path : subject.Root.Find(f.Path)?.Path ?? f.Path).ToHashSet(StringComparer.Ordinal);
        return RuleOutcome.Of(subject.Scan.PlacesOf(needles).Where(p => p.Path is null || !allowed.Contains(p.Path))
            .Select(place => new RuleFinding($"{place} holds a secret of the project's.", place.Path)));
    }
}

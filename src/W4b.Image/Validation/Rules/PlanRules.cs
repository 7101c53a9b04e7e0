using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Provisioning.FirstBoot;

namespace W4b.Image.Validation.Rules;

/// <summary>The image is what its project says.</summary>
internal static class PlanRules
{
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR010", "identity", RuleSeverity.Error, "The image is this hive's, as the project builds it today",
                "A card of another hive has another's keys and address; one of an older build has older settings.",
                "Build the project again, or take the project that the image was made from."), Identity),
        new(new RuleInfo("W4BR011", "planned-files", RuleSeverity.Error, "Every planned file, link and account is there, with its content, mode and owner",
                "A file that is missing or another is a setting without effect.",
                "Look for a script or package that changes the file named, and build again."), PlannedFiles),
        new(new RuleInfo("W4BR012", "planned-units", RuleSeverity.Error, "Every planned unit starts at boot",
                "A service that nothing starts is as good as not there.",
                "Look for a script or package that disables the unit named, and build again."), PlannedUnits),
    ];

    private static RuleOutcome Identity(RuleSubject subject)
    {
        if (subject.Project is not { } hive)
            return RuleOutcome.DoesNotApply(subject.NoPlan);
        if (subject.Release.Count == 0)
            return RuleOutcome.Of([new RuleFinding($"The image says nothing of a hive: {ReleasePlan.Path} is missing. The project's is {hive.HiveId}.")]);
        var id = subject.Release.GetValueOrDefault("W4B_HIVE_ID");
        if (id != hive.HiveId)
            return RuleOutcome.Of([new RuleFinding($"The image is that of the hive {id}; the project's is {hive.HiveId}.", ReleasePlan.Path)]);
        if (subject.PlanFailure is { } failure)
            return RuleOutcome.Of([new RuleFinding($"The image is another build of {id} than the project makes today: {failure}")]);
        var expected = subject.Plan?.Entries.OfType<PlannedFile>().LastOrDefault(f => f.Path == ReleasePlan.Path);
        return RuleOutcome.Of(expected is null || subject.Root.ReadAllBytes(ReleasePlan.Path).AsSpan().SequenceEqual(expected.Content.Span) ? []
            : [new RuleFinding($"The image is another build of {id} than the project makes today: its build id is {subject.Release.GetValueOrDefault("W4B_BUILD_ID")}.", ReleasePlan.Path)]);
    }

    private static RuleOutcome PlannedFiles(RuleSubject subject)
        => subject.Plan is { } plan ? RuleOutcome.Of(Check(plan, subject)) : RuleOutcome.DoesNotApply(subject.IsAnotherHive ? "the image is another hive's" : subject.NoPlan);

    // Contents are compared and never shown.
    private static IEnumerable<RuleFinding> Check(FilePlan plan, RuleSubject subject)
    {
        var (root, boot, fat) = (subject.Root, subject.Boot, subject.Image.Fat);
        var mountPoint = BootMount.Find(root);
        foreach (var lines in plan.Entries.OfType<PlannedBootLines>().Where(l => boot.TextOf(l.File)?.Contains(l.Text, StringComparison.Ordinal) != true))
            yield return new RuleFinding($"{lines.File} of the boot partition lacks planned lines.", "/" + lines.File);
        foreach (var line in plan.Entries.OfType<PlannedCommandLine>())
        {
            var words = CommandLine.Parse(boot.CommandLine ?? "");
            if (line.Add.Any(w => !words.Has(w)) || line.Remove.Any(words.Has))
                yield return new RuleFinding($"{PlannedCommandLine.File} is another than planned: {line}.", "/" + PlannedCommandLine.File);
        }

        var accounts = AccountFiles.Read(root);
        foreach (var user in plan.Users.Where(u => accounts.UserId(u.Name) is null))
            yield return new RuleFinding($"The account {user.Name} is missing.");
        // A project's file may stand in the place of one of ours: the last one counts.
        foreach (var entry in plan.Entries.GroupBy(e => e.Path).Select(g => g.Last()).Where(e => e is not (PlannedBootLines or PlannedCommandLine)))
        {
            if (entry is PlannedFile file && entry.Path.StartsWith(mountPoint + "/", StringComparison.Ordinal))
            {
                if (fat.Find(entry.Path[mountPoint.Length..]) is not { IsFolder: false } found)
                    yield return new RuleFinding($"{entry.Path} is missing on the boot partition.", entry.Path);
                // config.txt and the like may have got lines after it was written.
                else if (!fat.Read(found).AsSpan().StartsWith(file.Content.Span))
                    yield return new RuleFinding($"{entry.Path} has another content than planned.", entry.Path);
                continue;
            }

            foreach (var problem in CheckEntry(entry, root, accounts))
                yield return new RuleFinding(problem, entry.Path);
        }
    }

    private static IEnumerable<string> CheckEntry(PlanEntry entry, Ext4FileSystem root, AccountDatabase accounts)
    {
        var found = entry is PlannedLink ? root.Find(entry.Path, followLinks: false) : root.Find(entry.Path);
        if (found is null)
        {
            yield return $"{entry.Path} is missing.";
            yield break;
        }

        switch (entry)
        {
            case PlannedFile file:
                if (found.Type != Ext4FileType.RegularFile || !root.ReadAllBytes(file.Path).AsSpan().SequenceEqual(file.Content.Span))
                    yield return $"{file.Path} has another content than planned.";
                foreach (var problem in CheckOwner(file.Path, found, file.Mode, accounts.UserId(file.Owner), accounts.GroupId(file.Group)))
                    yield return problem;
                break;
            case PlannedDirectory folder:
                foreach (var problem in CheckOwner(folder.Path, found, folder.Mode, accounts.UserId(folder.Owner), accounts.GroupId(folder.Group)))
                    yield return problem;
                break;
            case PlannedLink link when found.LinkTarget != link.Target:
                yield return $"{link.Path} points to {found.LinkTarget ?? "nothing"}, planned is {link.Target}.";
                break;
            case PlannedLink link when link.Target.StartsWith("/usr/", StringComparison.Ordinal) && root.Find(link.Path) is null:
                yield return $"{link.Path} points to {link.Target}, which the image lacks.";
                break;
        }
    }

    private static IEnumerable<string> CheckOwner(string path, Ext4Entry found, UnixFileMode mode, uint? user, uint? group)
    {
        if (found.Mode != mode)
            yield return $"{path} has mode {Convert.ToString((int)found.Mode, 8)}, planned is {Convert.ToString((int)mode, 8)}.";
        if (found.Uid != user || found.Gid != group)
            yield return $"{path} belongs to {found.Uid}:{found.Gid}, planned is {user}:{group}.";
    }

    private static RuleOutcome PlannedUnits(RuleSubject subject)
        => subject.Plan is { } plan ? RuleOutcome.Of(plan.Units.DistinctBy(u => u.Name).SelectMany(u => CheckUnit(u.Name, subject))) : RuleOutcome.DoesNotApply(subject.IsAnotherHive ? "the image is another hive's" : subject.NoPlan);

    private static IEnumerable<RuleFinding> CheckUnit(string unit, RuleSubject subject)
    {
        if (Units.FileOf(subject.Root, unit) is not { } file)
        {
            yield return new RuleFinding($"The unit {unit} is missing.");
            yield break;
        }

        foreach (var link in UnitInstall.Links(unit, file, subject.Root.ReadAllText(file)).Where(l => subject.Root.Find(l.Path, followLinks: false) is null))
            yield return new RuleFinding($"{unit} is not enabled: {link.Path} is missing.", link.Path);
    }
}

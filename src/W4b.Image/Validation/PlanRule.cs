using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation;

/// <summary>Every planned file is there, with its content, mode and owner; every link and account too.</summary>
internal static class PlanRule
{
    /// <summary>What of <paramref name="plan"/> is not in the image; contents are compared and never shown.</summary>
    public static IEnumerable<string> Check(FilePlan plan, Ext4FileSystem root, string bootMountPoint, BootPartition boot)
    {
        foreach (var lines in plan.Entries.OfType<PlannedBootLines>().Where(l => boot.TextOf(l.File)?.Contains(l.Text, StringComparison.Ordinal) != true))
            yield return $"{lines.File} of the boot partition lacks planned lines.";
        var accounts = AccountFiles.Read(root);
        foreach (var user in plan.Users.Where(u => accounts.UserId(u.Name) is null))
            yield return $"The account {user.Name} is missing.";
        // A project's file may stand in the place of one of ours: the last one counts.
        foreach (var entry in plan.Entries.GroupBy(e => e.Path).Select(g => g.Last()).Where(e => e is not PlannedBootLines && !e.Path.StartsWith(bootMountPoint + "/", StringComparison.Ordinal)))
            foreach (var problem in CheckEntry(entry, root, accounts))
                yield return problem;
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
                if (!root.ReadAllBytes(file.Path).AsSpan().SequenceEqual(file.Content.Span))
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
}

using W4b.Image.Disk;

namespace W4b.Image.Validation.Rules;

/// <summary>What each device must have alone is in no image.</summary>
internal static class DeviceRules
{
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR026", "host-keys", RuleSeverity.Error, "The image has no SSH host key but this hive's own",
                "With a key that others have too, anybody who has one of the images can pass for all of the devices.",
                "Delete /etc/ssh/ssh_host_* in the script or base that brings them; a device makes its own, or system.ssh.host_keys: baked does."), HostKeys),
        new(new RuleInfo("W4BR027", "certificates", RuleSeverity.Error, "The image has no private key of a certificate that was made for no hive",
                "Services that trust such a key trust everybody who has one of the images.",
                "Delete the file named in the script or package that makes it."), Certificates),
        new(new RuleInfo("W4BR028", "machine-id", RuleSeverity.Error, "The image has no machine id and no random seed",
                "Devices with the same id get the same address from DHCP, and write into one another's journals.",
                "Empty /etc/machine-id in the script or base that fills it."), MachineId),
    ];

    private static RuleOutcome HostKeys(RuleSubject subject)
    {
        if (subject.Plan is null && subject.IsHive)
            return RuleOutcome.DoesNotApply("no project is known that says which keys are the hive's own");
        return RuleOutcome.Of(Files(subject, "/etc/ssh").Where(e => Path.GetFileName(e.Path) is var name
                && name.StartsWith("ssh_host_", StringComparison.Ordinal) && name.EndsWith("_key", StringComparison.Ordinal) && !subject.IsPlanned(e.Path))
            .Select(e => new RuleFinding($"{e.Path} is a host key that every device of this base would have.", e.Path)));
    }

    private static RuleOutcome Certificates(RuleSubject subject)
    {
        if (subject.Plan is null && subject.IsHive)
            return RuleOutcome.DoesNotApply("no project is known that says which keys are the hive's own");
        return RuleOutcome.Of(Files(subject, "/etc/ssl/private").Where(e => e.Size > 0 && !subject.IsPlanned(e.Path))
            .Select(e => new RuleFinding($"{e.Path} is a private key that every device of this base would have.", e.Path)));
    }

    private static IEnumerable<RuleFinding> MachineId(RuleSubject subject)
    {
        foreach (var path in new[] { "/etc/machine-id", "/var/lib/dbus/machine-id" })
            // machine-id(5): empty or "uninitialized" means to be made at the first start.
            if (subject.Root.Find(path, followLinks: false) is { Type: Ext4FileType.RegularFile, Size: > 0 }
                && subject.Root.ReadAllText(path).Trim() is not ("" or "uninitialized") && !subject.IsPlanned(path))
                yield return new RuleFinding($"{path} holds an id that every device of this image would have.", path);
        foreach (var path in new[] { "/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret" })
            if (subject.Root.Find(path, followLinks: false) is { Type: Ext4FileType.RegularFile, Size: > 0 } && !subject.IsPlanned(path))
                yield return new RuleFinding($"{path} is a secret that every device of this image would have.", path);
    }

    private static IEnumerable<Ext4Entry> Files(RuleSubject subject, string folder)
        => subject.Root.Find(folder) is { Type: Ext4FileType.Directory } found ? subject.Root.Children(found).Where(e => e.Type == Ext4FileType.RegularFile) : [];
}

using W4b.Image.Disk;

namespace W4b.Image.Validation.Rules;

/// <summary>Who may read, change and become whom.</summary>
internal static class PermissionRules
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode GroupAndOthers = Others | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR016", "world-writable", RuleSeverity.Error, "Nobody but its owner may change a file of the system",
                "What everybody may write, any service that is broken into may write too.",
                "Correct the mode of the path named (chmod o-w), or of the W4bFile.", RuleReach.Everything), WorldWritable),
        new(new RuleInfo("W4BR017", "set-id", RuleSeverity.Error, "Only packages, the base and the project bring programs that run as another user",
                "A set-user-ID program that nobody maintains is a way to become root.",
                "Remove the bit (chmod u-s,g-s), or bring the program as a package or a W4bFile with its mode.", RuleReach.Everything), SetId),
        new(new RuleInfo("W4BR018", "secret-modes", RuleSeverity.Error, "Keys and password files can be read by nobody else",
                "Any account and service on the device could read them; sshd and wg-quick refuse or warn about such files.",
                "Correct the mode of the path named: 0600."), SecretModes),
    ];

    private static IEnumerable<RuleFinding> WorldWritable(RuleSubject subject)
        => subject.Tree.Where(e => (e.Mode & UnixFileMode.OtherWrite) != 0
                && (e.Type == Ext4FileType.RegularFile || e.Type == Ext4FileType.Directory && (e.Mode & UnixFileMode.StickyBit) == 0)
                && !subject.IsPlanned(e.Path))
            .Select(e => new RuleFinding($"Everybody may write {e.Path} (mode {Convert.ToString((int)e.Mode, 8)}).", e.Path));

    private static IEnumerable<RuleFinding> SetId(RuleSubject subject)
    {
        static bool IsSetId(Ext4Entry e) => e.Type == Ext4FileType.RegularFile && (e.Mode & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0;
        var found = subject.Tree.Where(e => IsSetId(e) && !subject.IsPlanned(e.Path)).ToList();
        var packaged = PackagedFiles(subject.Root, found.Select(e => e.Path).ToHashSet(StringComparer.Ordinal));
        var strangers = found.Where(e => !packaged.Contains(e.Path)).ToList();
        if (strangers.Count > 0 && subject.BaseImage is { } image)
        {
            using var reader = new RawImageReader(image);
            using var ext4 = Ext4FileSystem.Open(reader, CardLayout.Read(reader).Root.OffsetBytes);
            strangers.RemoveAll(e => ext4.Find(e.Path, followLinks: false) is { } same && IsSetId(same) && same.Mode == e.Mode && same.Uid == e.Uid && same.Gid == e.Gid);
        }

        return strangers.Select(e => new RuleFinding($"{e.Path} runs as {((e.Mode & UnixFileMode.SetUser) != 0 ? $"user {e.Uid}" : $"group {e.Gid}")} (mode {Convert.ToString((int)e.Mode, 8)}) and is of no package.", e.Path));
    }

    // Those of the paths that dpkg knows. Its lists may name them as they were before /bin became a link to /usr/bin.
    private static HashSet<string> PackagedFiles(Ext4FileSystem root, HashSet<string> paths)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (paths.Count == 0 || root.Find("/var/lib/dpkg/info") is not { Type: Ext4FileType.Directory } info)
            return known;
        foreach (var list in root.Children(info).Where(e => e.Path.EndsWith(".list", StringComparison.Ordinal)))
            foreach (var line in root.ReadAllText(list.Path).Split('\n'))
                foreach (var path in new[] { line, "/usr" + line })
                    if (paths.Contains(path))
                        known.Add(path);
        return known;
    }

    private static IEnumerable<RuleFinding> SecretModes(RuleSubject subject)
    {
        var root = subject.Root;
        IEnumerable<Ext4Entry> In(string folder, Func<string, bool>? named = null)
            => root.Find(folder) is { Type: Ext4FileType.Directory } found
                ? root.Children(found).Where(e => e.Type == Ext4FileType.RegularFile && named?.Invoke(Path.GetFileName(e.Path)) != false) : [];
        IEnumerable<Ext4Entry> One(string path) => root.Find(path) is { Type: Ext4FileType.RegularFile } found ? [found] : [];

        // Groups of the system's own may read these: shadow, ssl-cert, postgres.
        var forGroups = One("/etc/shadow").Concat(One("/etc/gshadow")).Concat(In("/etc/ssl/private")).Concat(In("/etc/w4b/database", n => n.EndsWith(".sql", StringComparison.Ordinal)));
        var forOwners = In("/etc/wireguard").Concat(In("/etc/NetworkManager/system-connections"))
            .Concat(In("/etc/ssh", n => n.StartsWith("ssh_host_", StringComparison.Ordinal) && n.EndsWith("_key", StringComparison.Ordinal)))
            .Concat(In("/root/.ssh", n => n.StartsWith("id_", StringComparison.Ordinal) && !n.EndsWith(".pub", StringComparison.Ordinal)));
        return forGroups.Where(e => (e.Mode & Others) != 0).Concat(forOwners.Where(e => (e.Mode & GroupAndOthers) != 0))
            .Select(e => new RuleFinding($"{e.Path} can be read by others (mode {Convert.ToString((int)e.Mode, 8)}).", e.Path));
    }
}

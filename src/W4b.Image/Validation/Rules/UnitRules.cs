using W4b.Image.Disk;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Rules;

/// <summary>What starts at boot can start.</summary>
internal static class UnitRules
{
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR013", "units", RuleSeverity.Error, "Every enabled unit is there, and the program that it starts",
                "A unit without its file or program fails at each start of the device.",
                "Install what is missing, or disable the unit named."), Check),
    ];

    private static IEnumerable<RuleFinding> Check(RuleSubject subject)
    {
        var root = subject.Root;
        foreach (var (unit, link) in Units.Enabled(root))
        {
            if (Units.IsMasked(root, unit))
                continue;
            if (Units.FileOf(root, unit) is not { } file)
            {
                // systemd makes a unit of a script in /etc/init.d.
                if (root.Find(link) is null && root.Find("/etc/init.d/" + Path.ChangeExtension(unit, null)) is null)
                    yield return new RuleFinding($"{unit} is enabled, but the image has no such unit.", link);
                continue;
            }

            var text = Units.TextOf(root, unit, file);
            var service = unit.EndsWith(".timer", StringComparison.Ordinal) || unit.EndsWith(".path", StringComparison.Ordinal)
                ? text.Value("Unit") ?? Path.ChangeExtension(unit, ".service") : unit;
            if (service != unit)
            {
                if (Units.IsMasked(root, service))
                    continue;
                if (Units.FileOf(root, service) is not { } serviceFile)
                {
                    yield return new RuleFinding($"{unit} is enabled and starts {service}, which the image lacks.", file);
                    continue;
                }

                (file, text) = (serviceFile, Units.TextOf(root, service, serviceFile));
            }

            if (!service.EndsWith(".service", StringComparison.Ordinal) || text.IsConditional(root))
                continue;
            foreach (var program in text.Programs.Where(p => !Units.IsProgram(root, p)))
                yield return new RuleFinding($"{service} starts {program}, which the image lacks or which is no program.", file);
        }
    }
}

/// <summary>The units of an image: systemd.unit(5).</summary>
internal static class Units
{
    private static readonly string[] Folders =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    private static readonly string[] ProgramFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

    /// <summary>Path of the file that defines a unit; null when there is none. A masked unit's is /dev/null, which is none.</summary>
    public static string? FileOf(Ext4FileSystem root, string unit)
        => new[] { unit, UnitInstall.FileName(unit) }.Distinct().SelectMany(name => Folders.Select(folder => $"{folder}/{name}"))
            .FirstOrDefault(path => root.Find(path) is { Type: Ext4FileType.RegularFile });

    /// <summary>Whether a unit is masked: it never starts.</summary>
    public static bool IsMasked(Ext4FileSystem root, string unit)
        => Folders.Select(folder => root.Find($"{folder}/{unit}", followLinks: false)).FirstOrDefault(e => e is not null) is { LinkTarget: "/dev/null" } or { Type: Ext4FileType.RegularFile, Size: 0 };

    /// <summary>The units that are enabled, each with a link that does so.</summary>
    public static IEnumerable<(string Unit, string Link)> Enabled(Ext4FileSystem root)
        => root.Find(Folders[0]) is not { Type: Ext4FileType.Directory } folder ? []
            : root.Children(folder).Where(e => e.Type == Ext4FileType.Directory
                    && (e.Path.EndsWith(".wants", StringComparison.Ordinal) || e.Path.EndsWith(".requires", StringComparison.Ordinal)))
                .SelectMany(root.Children).Where(e => e.Type == Ext4FileType.SymbolicLink)
                .Select(e => (Unit: e.Path[(e.Path.LastIndexOf('/') + 1)..], Link: e.Path))
                // Of a template without an instance, and of an alias, the unit behind it is asked for.
                .Where(e => !e.Unit.Contains("@.", StringComparison.Ordinal))
                .DistinctBy(e => e.Unit);

    /// <summary>A unit's settings, its drop-ins' after its own.</summary>
    public static UnitText TextOf(Ext4FileSystem root, string unit, string file)
    {
        var dropIns = new[] { unit, UnitInstall.FileName(unit) }.Distinct().SelectMany(name => Folders.Select(f => root.Find($"{f}/{name}.d")))
            .OfType<Ext4Entry>().Where(d => d.Type == Ext4FileType.Directory).SelectMany(root.Children)
            .Where(e => e.Path.EndsWith(".conf", StringComparison.Ordinal) && root.Find(e.Path) is { Type: Ext4FileType.RegularFile })
            .OrderBy(e => Path.GetFileName(e.Path), StringComparer.Ordinal);
        return UnitText.Parse([root.ReadAllText(file), .. dropIns.Select(e => root.ReadAllText(e.Path))]);
    }

    /// <summary>Whether there is a program that can be started.</summary>
    public static bool IsProgram(Ext4FileSystem root, string program)
    {
        const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var paths = program.StartsWith('/') ? [program] : ProgramFolders.Select(f => $"{f}/{program}");
        return paths.Any(p => root.Find(p) is { Type: Ext4FileType.RegularFile } found && (found.Mode & executable) != 0);
    }
}

/// <summary>The settings of a unit: a key may stand many times, and an empty value takes back those before.</summary>
internal sealed record UnitText(ILookup<string, string> Settings)
{
    private static readonly string[] Commands = ["ExecStartPre", "ExecStart"];

    private static readonly string[] Conditions =
        ["ConditionPathExists", "ConditionFileIsExecutable", "ConditionFileNotEmpty", "ConditionPathIsDirectory", "ConditionDirectoryNotEmpty", "AssertPathExists"];

    /// <summary>Reads texts that are laid one over another.</summary>
    public static UnitText Parse(IEnumerable<string> texts)
    {
        var settings = new List<(string Key, string Value)>();
        foreach (var line in texts.SelectMany(t => t.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')).Select(l => l.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or ';' or '[' || line.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals))
                continue;
            var (key, value) = (line[..equals].Trim(), line[(equals + 1)..].Trim());
            if (value.Length == 0)
                settings.RemoveAll(s => s.Key == key);
            else
                settings.Add((key, value));
        }

        return new UnitText(settings.ToLookup(s => s.Key, s => s.Value, StringComparer.Ordinal));
    }

    /// <summary>The last value of a setting, or null.</summary>
    public string? Value(string key) => Settings[key].LastOrDefault();

    /// <summary>
    /// The programs that must be there for it to start: systemd.service(5). Not those whose failure does not matter ("-"), that are named
    /// by what is only known on the device ("%", "$"), or that are in another root.
    /// </summary>
    public IEnumerable<string> Programs
        => Settings.Contains("RootDirectory") || Settings.Contains("RootImage") ? []
            : Commands.SelectMany(key => Settings[key]).Select(command => command.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries)[0])
                .Where(word => !word[..(word.Length - word.TrimStart('@', '-', ':', '+', '!', '|').Length)].Contains('-', StringComparison.Ordinal))
                .Select(word => word.TrimStart('@', '-', ':', '+', '!', '|').Trim('"'))
                .Where(word => word.Length > 0 && word.IndexOfAny(['%', '$']) < 0).Distinct();

    /// <summary>Whether a condition on a file, that is not true in the image, keeps it from starting.</summary>
    public bool IsConditional(Ext4FileSystem root)
        => Conditions.SelectMany(key => Settings[key]).Select(v => v.TrimStart('|'))
            .Any(v => v.StartsWith('/') && !v.Contains('%', StringComparison.Ordinal) && root.Find(v) is null);
}

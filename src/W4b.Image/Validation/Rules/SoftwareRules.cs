using W4b.Image.Disk;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Rules;

/// <summary>The system's software is whole, and what the hive needs is there.</summary>
internal static class SoftwareRules
{
    private const string Zones = "/usr/share/zoneinfo/";

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR022", "time-zone", RuleSeverity.Error, "The time zone is one that the image knows",
                "A link that leads nowhere means UTC: every reading is then an hour or more beside the beekeeper's clock.",
                "Set system.timezone to a name of the tz database, and have tzdata (and tzdata-legacy for old names) installed."), TimeZone),
        new(new RuleInfo("W4BR023", "packages", RuleSeverity.Error, "Every package is configured",
                "A half-installed package fails when it is used, and stops apt from installing any other.",
                "Look into the log of InstallSoftware for the package named."), Packages),
        new(new RuleInfo("W4BR024", "database", RuleSeverity.Error, "The database server is there, with its extension",
                "Without it no reading is kept.",
                "Let services.database choose the packages, or list those of the version that it names."), Database),
        new(new RuleInfo("W4BR025", "monitoring", RuleSeverity.Error, "The node exporter is there",
                "Without it the monitoring sees the hive as down.",
                "Add the package prometheus-node-exporter, or switch services.monitoring off."), Monitoring),
    ];

    private static RuleOutcome TimeZone(RuleSubject subject)
    {
        const string file = "/etc/localtime";
        var root = subject.Root;
        if (root.Find(file, followLinks: false) is not { } link)
            // localtime(5): UTC.
            return subject.Hive is null ? RuleOutcome.DoesNotApply("the image has none, and is thus in UTC") : RuleOutcome.Of([new RuleFinding("/etc/localtime is missing.")]);
        return RuleOutcome.Of(Check());

        IEnumerable<RuleFinding> Check()
        {
            if (root.Find(file) is not { Type: Ext4FileType.RegularFile } zone)
            {
                yield return new RuleFinding($"/etc/localtime points to {link.LinkTarget}, which the image lacks.", file);
                yield break;
            }

            // tzfile(5).
            if (!root.ReadAllBytes(zone.Path).AsSpan().StartsWith("TZif"u8))
                yield return new RuleFinding($"{zone.Path} is no time zone.", file);
            // A name may be a link to another: the one that stands there counts.
            if (subject.Hive is { } hive && link.LinkTarget is { } target && !target.EndsWith(Zones + hive.System.Timezone, StringComparison.Ordinal))
                yield return new RuleFinding($"The time zone is {target}; configured is {hive.System.Timezone}.", file);
        }
    }

    private static RuleOutcome Packages(RuleSubject subject)
    {
        if (subject.Packages.Count == 0)
            return RuleOutcome.DoesNotApply("the image has no dpkg");
        var findings = subject.Packages.Where(p => p.Status.Split(' ') is not [_, "ok", "installed" or "config-files" or "not-installed"])
            .Select(p => new RuleFinding($"The package {p.Name} is not configured: its status is \"{p.Status}\".", PackageStatus.File));
        return RuleOutcome.Of(subject.Root.Find("/var/lib/dpkg/updates") is { Type: Ext4FileType.Directory } updates && subject.Root.Children(updates).Any()
            ? findings.Append(new RuleFinding("dpkg was interrupted: it has updates that are not in its database.", updates.Path)) : findings);
    }

    private static RuleOutcome Database(RuleSubject subject)
    {
        if (subject.Hive is null)
            return RuleOutcome.DoesNotApply("no project is known");
        if (subject.Hive.Database is not { } database)
            return RuleOutcome.DoesNotApply("the hive has no database");
        return RuleOutcome.Of(Check());

        IEnumerable<RuleFinding> Check()
        {
            const string servers = "/usr/lib/postgresql";
            var version = database.Version?.ToString(System.Globalization.CultureInfo.InvariantCulture)
                ?? (subject.Root.Find(servers) is { Type: Ext4FileType.Directory } folder
                    ? subject.Root.Children(folder).Select(e => Path.GetFileName(e.Path)).Where(n => n.All(char.IsAsciiDigit)).OrderByDescending(int.Parse).FirstOrDefault() : null);
            if (version is null)
            {
                yield return new RuleFinding("The image has no PostgreSQL.");
                yield break;
            }

            if (!Units.IsProgram(subject.Root, $"{servers}/{version}/bin/postgres"))
                yield return new RuleFinding($"The image has no PostgreSQL {version}: {servers}/{version}/bin/postgres is missing.");
            if (database.Timescale && subject.Root.Find($"/usr/share/postgresql/{version}/extension/timescaledb.control") is null)
                yield return new RuleFinding($"PostgreSQL {version} has no TimescaleDB.");
        }
    }

    private static RuleOutcome Monitoring(RuleSubject subject)
        => subject.Hive is null ? RuleOutcome.DoesNotApply("no project is known")
            : subject.Hive.Monitoring is null ? RuleOutcome.DoesNotApply("the hive has no monitoring")
            : RuleOutcome.Of(Units.IsProgram(subject.Root, "/usr/bin/prometheus-node-exporter") ? []
                : [new RuleFinding("The image has no node exporter: /usr/bin/prometheus-node-exporter is missing.")]);
}

using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Contents;
using W4b.Image.Provisioning;
using W4b.Image.Validation;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Distribution.Report;

/// <summary>What a report tells of a build.</summary>
/// <param name="Facts">The image.</param>
/// <param name="Contents">What is in it.</param>
/// <param name="Times">How long each stage took.</param>
/// <param name="Validation">What the offline rules say; null when they were not asked.</param>
/// <param name="Boot">What came of booting this very image; null when it was not booted.</param>
/// <param name="Previous">The packages of the hive's last image; null for the first.</param>
internal sealed record ReportInputs(ImageFacts Facts, ImageContents Contents, IReadOnlyList<StageTime> Times, ValidationReport? Validation, BootReport? Boot,
    PreviousBuild? Previous);

/// <summary>The last image of a hive, as the next one's report compares with it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Packages">Its packages, <c>name</c> to <c>version</c>.</param>
internal sealed record PreviousBuild(string Name, IReadOnlyDictionary<string, string> Packages)
{
    /// <summary>What the next build is to know of an image.</summary>
    public static PreviousBuild Of(string name, ImageContents contents)
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var package in contents.Packages)
            packages[package.Name] = package.Version;
        foreach (var package in contents.Python)
            packages[$"{package.Name} (Python)"] = package.Version;
        return new PreviousBuild(name, packages);
    }
}

/// <summary>A package that differs between two images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">Its version before; empty for none.</param>
/// <param name="After">Its version now; empty for none.</param>
internal sealed record PackageChange(string Name, string Before, string After);

/// <summary>A page for people about a build: <c>NAME.report.html</c>. It needs no network and no script.</summary>
internal static class BuildReport
{
    private const string Template = "report.html";

    /// <summary>The page's text.</summary>
    public static string Write(ReportInputs inputs)
    {
        var (facts, contents) = (inputs.Facts, inputs.Contents);
        var folders = FolderItems(contents.Folders);
        var packages = contents.PackageSizes.Select(p => new TreemapItem(p.Name, p.Bytes, p.Name)).ToList();
        var sizes = contents.PackageSizes.GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(p => p.Bytes), StringComparer.Ordinal);
        var longest = Math.Max(inputs.Times.Select(t => t.Seconds).DefaultIfEmpty().Max(), 0.001);
        var now = PreviousBuild.Of(facts.Name, contents).Packages;
        return Provisioning.Template.Render(Template, new
        {
            facts.Name,
            facts.HiveId,
            facts.Hostname,
            facts.PiModel,
            facts.Architecture,
            Time = facts.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC",
            Distribution = contents.DistributionName,
            facts.Base,
            facts.BaseSha256,
            facts.LayerId,
            facts.ToolVersion,
            ImageSize = TreemapSvg.Bytes(facts.Image.Bytes),
            ImageSha256 = facts.Image.Sha256,
            ArchiveSize = TreemapSvg.Bytes(facts.Archive.Bytes),
            ArchiveSha256 = facts.Archive.Sha256,
            Used = TreemapSvg.Bytes(contents.Folders.Where(f => f.Path.LastIndexOf('/') == 0).Sum(f => f.Bytes)),
            Components = facts.Components.Select(c => new { c.Name, From = c.Source.Length > 0 ? c.Source : c.Sha256 is { } hash ? "sha256 " + hash[..12] : "" }).ToList(),
            Python = contents.Python,
            FolderMap = TreemapSvg.Write(folders, 1000, 420, "Size by folder", "wide") + TreemapSvg.Write(folders, 360, 520, "Size by folder", "narrow"),
            PackageMap = TreemapSvg.Write(Largest(packages, 80), 1000, 420, "Size by package", "wide") + TreemapSvg.Write(Largest(packages, 40), 360, 520, "Size by package", "narrow"),
            Times = inputs.Times.Select(t => new
            {
                t.Stage,
                Seconds = t.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
                Share = (t.Seconds / longest * 100).ToString("0.#", CultureInfo.InvariantCulture),
            }).ToList(),
            Rules = inputs.Validation?.Results.Select(r => new
            {
                r.Rule.Id,
                r.Rule.Title,
                State = r.State switch { RuleState.Kept => "kept", RuleState.NotApplicable => "skipped", _ => r.Passed ? "warning" : "broken" },
                Findings = r.Findings.Select(f => f.Path is null ? f.Message : $"{f.Path}: {f.Message}").ToList(),
                Reason = r.Reason ?? "",
            }).ToList(),
            Boot = inputs.Boot is not { } boot ? null : new
            {
                boot.Machine,
                Seconds = boot.SecondsToReady.ToString("0", CultureInfo.InvariantCulture),
                Startup = boot.Startup.Split('\n')[0],
                Results = boot.Results.Select(r => new { r.Title, r.Passed }).ToList(),
                Holding = boot.Results.Count(r => r.Passed),
            },
            Previous = inputs.Previous?.Name,
            Changes = inputs.Previous is null ? [] : Changes(inputs.Previous.Packages, now),
            Packages = contents.Packages.Select(p => new { p.Name, p.Version, p.Summary, Size = TreemapSvg.Bytes(sizes.GetValueOrDefault(p.Name)) }).ToList(),
        });
    }

    /// <summary>What came, went and changed, by name.</summary>
    internal static IReadOnlyList<PackageChange> Changes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
        => [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(name => new PackageChange(name, before.GetValueOrDefault(name, ""), after.GetValueOrDefault(name, "")))
            .Where(c => c.Before != c.After)];

    /// <summary>Folders that do not overlap: each is what its own files and the deeper folders left out have.</summary>
    internal static List<TreemapItem> FolderItems(IReadOnlyList<FolderSize> folders)
    {
        var items = new List<TreemapItem>();
        foreach (var folder in folders)
        {
            var below = folders.Where(f => f.Path.StartsWith(folder.Path + "/", StringComparison.Ordinal)
                && f.Path.IndexOf('/', folder.Path.Length + 1) < 0).Sum(f => f.Bytes);
            var second = folder.Path.IndexOf('/', 1);
            items.Add(new TreemapItem(folder.Path, folder.Bytes - below, second < 0 ? folder.Path : folder.Path[..second]));
        }

        return items;
    }

    // Many small ones would be lines.
    private static List<TreemapItem> Largest(List<TreemapItem> items, int count)
    {
        var ordered = items.OrderByDescending(i => i.Bytes).ThenBy(i => i.Name, StringComparer.Ordinal).ToList();
        var rest = ordered.Skip(count).ToList();
        return [.. ordered.Take(count), .. rest.Count == 0 ? [] : new[] { new TreemapItem($"{rest.Count} others", rest.Sum(i => i.Bytes), "") }];
    }
}

using System.Globalization;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation;

/// <summary>What rules look at: an image, and what is known of the project that made it. Facts that several rules need are read once.</summary>
public sealed class RuleSubject
{
    private readonly Lazy<IReadOnlyList<Ext4Entry>> _tree;
    private readonly Lazy<BootPartition> _boot;
    private readonly Lazy<AccountLines> _accounts;
    private readonly Lazy<IReadOnlyList<PackageStatus>> _packages;
    private readonly Lazy<IReadOnlyDictionary<string, string>> _release;
    private readonly Lazy<ContentScan> _scan;

    internal RuleSubject(CardImage image, IBuildLog log)
    {
        (Image, Log) = (image, log);
        _tree = new(() => [.. Root.Walk()]);
        _boot = new(() => BootPartition.Read(image.Fat));
        _accounts = new(() => AccountLines.Read(Root));
        _packages = new(() => PackageStatus.Read(Root));
        _release = new(ReadRelease);
        _scan = new(() => new ContentScan(this));
    }

    /// <summary>The image.</summary>
    public CardImage Image { get; }

    /// <summary>The configuration that the image should be made from; null when no project is known, or the image is another hive's.</summary>
    public HiveConfiguration? Hive => IsAnotherHive ? null : Project;

    /// <summary>The configuration of the project that is asked about the image.</summary>
    internal HiveConfiguration? Project { get; init; }

    /// <summary>All that the project writes into the software layer; null when no project is known, or the image is another hive's. It holds secrets.</summary>
    internal FilePlan? Plan => IsAnotherHive ? null : ProjectPlan;

    /// <summary>The plan of the project that is asked about the image.</summary>
    internal FilePlan? ProjectPlan { get; init; }

    /// <summary>Why there is no plan, where there is none.</summary>
    internal string NoPlan { get; init; } = "no project is known that made the image";

    /// <summary>What the image lacks so that the project's plan cannot even be made for it; null otherwise.</summary>
    internal string? PlanFailure { get; init; }

    /// <summary>The texts of the project's secrets.</summary>
    internal IReadOnlyCollection<string> Secrets { get; init; } = [];

    /// <summary>Path of the base image; null when it is not at hand.</summary>
    internal string? BaseImage { get; init; }

    /// <summary>Whether only little is to be read.</summary>
    internal bool Quick { get; init; }

    /// <summary>A folder for large files that are needed for a moment; null for the image's own.</summary>
    internal string? WorkFolder { get; init; }

    internal IBuildLog Log { get; }

    internal Ext4FileSystem Root => Image.Ext4;

    /// <summary>Every entry of the root file system.</summary>
    internal IReadOnlyList<Ext4Entry> Tree => _tree.Value;

    internal BootPartition Boot => _boot.Value;

    internal AccountLines Accounts => _accounts.Value;

    internal IReadOnlyList<PackageStatus> Packages => _packages.Value;

    /// <summary>The values of /etc/w4b-release; none when this SDK did not make the image.</summary>
    internal IReadOnlyDictionary<string, string> Release => _release.Value;

    /// <summary>All bytes of the image, looked through; whoever asks first begins it.</summary>
    internal ContentScan Scan => _scan.Value;

    /// <summary>Begins to look through the image beside what is asked meanwhile. In a damaged one whoever needs it begins, and meets the damage.</summary>
    internal void BeginScan()
    {
        try
        {
            _ = Scan;
        }
        catch (W4bException e) when (e.Diagnostics.All(d => d.Code == DiagnosticCode.DamagedFileSystem || d.Code == DiagnosticCode.ImageDamaged))
        {
            Log.Info($"The image is not looked through yet: {e.Diagnostics[0].Message}");
        }
    }

    /// <summary>Waits until nothing reads the image any more.</summary>
    internal Task EndedAsync() => _scan.IsValueCreated ? _scan.Value.Ended : Task.CompletedTask;

    /// <summary>Whether the image says that it is another hive's than the project's: nothing else of the project can be asked of it.</summary>
    internal bool IsAnotherHive => Project is not null && Release.TryGetValue("W4B_HIVE_ID", out var id) && id != Project.HiveId;

    /// <summary>Whether this SDK made the image.</summary>
    internal bool IsHive => Plan is not null || Release.Count > 0;

    /// <summary>The Raspberry Pi that it is for: 3, 4 or 5; null when nothing tells.</summary>
    internal int? PiModel => Hive?.Base.PiModel
        ?? (int.TryParse(Release.GetValueOrDefault("W4B_PI_MODEL"), NumberStyles.None, CultureInfo.InvariantCulture, out var model) ? model : null);

    /// <summary>Debian's name of its architecture; null when nothing tells.</summary>
    internal string? Architecture => Hive?.Base.Architecture ?? Packages.FirstOrDefault(p => p.Name == "dpkg")?.Architecture;

    /// <summary>Whether the project itself puts something at a path.</summary>
    internal bool IsPlanned(string path) => Plan?.Entries.Any(e => e.Path == path) == true;

    private Dictionary<string, string> ReadRelease()
    {
        if (Root.Find(ReleasePlan.Path) is not { Type: Ext4FileType.RegularFile })
            return [];
        return Root.ReadAllText(ReleasePlan.Path).Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2 && !p[0].StartsWith('#'))
            .GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last()[1].Trim('"'), StringComparer.Ordinal);
    }
}

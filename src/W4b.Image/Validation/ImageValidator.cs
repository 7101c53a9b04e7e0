using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation;

/// <summary>Checks a finished image without running it.</summary>
internal sealed class ImageValidator(string image, IBuildLog log)
{
    /// <summary>Checks the image by every rule; with <paramref name="plan"/> also that all of it is there.</summary>
    public async Task<ValidationReport> CheckAsync(FilePlan? plan, CancellationToken cancellation)
    {
        var results = new List<RuleResult>();
        CardLayout card;
        try
        {
            card = CardLayout.Read(image);
            results.Add(new RuleResult("partition table", []));
        }
        catch (W4bException e)
        {
            // Without partitions there is nothing that the other rules could look at.
            results.Add(new RuleResult("partition table", [.. e.Diagnostics.Select(d => d.Message)]));
            return new ValidationReport(Path.GetFileName(image), results);
        }

        var fat = new FatFileSystem(log, image, card.Boot.OffsetBytes, BuildEpoch.Current);
        var ext4Problems = await Ext4Check.RunAsync(log, image, card.Root.OffsetBytes, cancellation).ConfigureAwait(false);
        results.Add(new RuleResult("root file system (e2fsck)", ext4Problems.IsClean ? [] : [ext4Problems.Output.Trim()]));
        var fatProblems = await fat.CheckAsync(cancellation).ConfigureAwait(false);
        results.Add(new RuleResult("boot file system (fsck.vfat)", fatProblems.IsClean ? [] : [fatProblems.Output.Trim()]));

        if (!ext4Problems.IsClean || !fatProblems.IsClean)
            return new ValidationReport(Path.GetFileName(image), results); // what stands in a damaged file system says nothing
        var boot = await BootPartition.ReadAsync(fat, cancellation).ConfigureAwait(false);
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, BuildEpoch.Current);
        results.Add(new RuleResult("kernel and command line", [.. BootRules.Check(card, root.Statistics, boot)]));
        results.Add(new RuleResult("fstab names the card's partitions", [.. FstabRule.Check(card, root)]));
        if (plan is not null)
            results.Add(new RuleResult("every planned file", [.. PlanRule.Check(plan, root, BootMount.Find(root), boot)]));
        if (plan?.Entries.Any(e => e.Path == FirewallPlan.Path) == true && root.Find(FirewallPlan.Path) is not null)
            results.Add(new RuleResult("firewall rules (nft)", await FirewallRule.CheckAsync(root, FirewallPlan.Path, log, cancellation).ConfigureAwait(false)));
        return new ValidationReport(Path.GetFileName(image), results);
    }
}

using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Sandbox;

namespace W4b.Image.Validation.Rules;

/// <summary>Partitions and file systems are sound, and have room.</summary>
internal static class CardRules
{
    private const long Mebibyte = 1 << 20;

    // Before it grows over its card, a device writes its keys, its journal and little more.
    private const long LeastFree = 16 * Mebibyte;
    private const long LeastFreeInodes = 256;
    private const long LeastFreeBoot = Mebibyte;

    // What the rules of the quick form read of an archive that is far apart: it is decoded beside what is asked meanwhile. Folders are
    // before what is in them, so that several lists are decoded at a time.
    private static readonly string[] s_quick =
    [
        "/usr", "/var", "/etc", "/usr/lib", "/usr/share", "/var/lib", "/usr/bin", "/usr/sbin", "/var/lib/dpkg", "/usr/lib/systemd", "/usr/share/zoneinfo",
        "/var/lib/dpkg/status", "/usr/lib/systemd/system",
    ];

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR001", "partition-table", RuleSeverity.Error, "The partition table is a card's",
                "The Raspberry Pi starts from the first FAT partition of a classic partition table; without one it shows nothing at all.",
                "Use a base image with an MBR, one FAT and one ext4 partition, and all of its bytes."),
            // Opening the image read it: it is broken where there is no image to ask about.
            _ => RuleOutcome.Of([])),
        new(new RuleInfo("W4BR002", "root-file-system", RuleSeverity.Error, "The root file system is sound (e2fsck)",
                "A damaged file system loses files, or is mounted read-only at the first start.",
                "Repair the base image with e2fsck, or use another; if the image itself was damaged, build it again."), RootAsync),
        new(new RuleInfo("W4BR003", "boot-file-system", RuleSeverity.Error, "The boot file system is sound (fsck.vfat)",
                "The firmware reads kernel and settings from it with the simplest of drivers.",
                "Repair the base image with fsck.vfat, or use another; if the image itself was damaged, build it again."), BootAsync),
        new(new RuleInfo("W4BR004", "free-space", RuleSeverity.Error, "Both file systems have room for the first start",
                "Before its file system grows over the card, a device already writes keys and logs.",
                "Set a larger image.size, or leave packages out."), FreeSpace),
    ];

    private static async Task<RuleOutcome> RootAsync(RuleSubject subject, CancellationToken cancellation)
    {
        // First what e2fsck forgives, or cannot check inside an image: a journal to recover, errors noted by the kernel.
        var opened = Try(() => _ = subject.Root);
        if (opened.Findings.Count == 0 && subject.Quick)
            subject.Image.Announce(s_quick);
        if (opened.Findings.Count > 0 || subject.Quick || subject.Image.Reader.RawPath is not { } path)
            return opened;
        subject.BeginScan();
        // It has the file flushed even when it only reads it: of an image that was just copied hundreds of megabytes, which nobody needs on the disk.
        var check = await Ext4Check.RunAsync(subject.Log, path, subject.Image.Layout.Root.OffsetBytes, cancellation, SandboxHelper.Unsynced).ConfigureAwait(false);
        return RuleOutcome.Of(check.IsClean ? [] : [new RuleFinding(check.Output.Trim())]);
    }

    private static async Task<RuleOutcome> BootAsync(RuleSubject subject, CancellationToken cancellation)
    {
        var opened = Try(() => _ = subject.Boot);
        if (opened.Findings.Count > 0 || subject.Quick || subject.Image.Reader.RawPath is not { } path)
            return opened;
        var check = await new FatFileSystem(subject.Log, path, subject.Image.Layout.Boot.OffsetBytes, BuildEpoch.Current).CheckAsync(cancellation, subject.WorkFolder).ConfigureAwait(false);
        return RuleOutcome.Of(check.IsClean ? [] : [new RuleFinding(check.Output.Trim())]);
    }

    private static RuleOutcome Try(Action open)
    {
        try
        {
            open();
            return RuleOutcome.Of([]);
        }
        catch (W4bException e)
        {
            return RuleOutcome.Of(e.Diagnostics.Select(d => new RuleFinding(d.Message)));
        }
    }

    private static IEnumerable<RuleFinding> FreeSpace(RuleSubject subject)
    {
        var root = subject.Root.Statistics;
        if (root.FreeBlocks * root.BlockSize < LeastFree)
            yield return new RuleFinding($"The root file system has {root.FreeBlocks * root.BlockSize / Mebibyte} MiB free; {LeastFree / Mebibyte} MiB are needed.");
        if (root.FreeInodes < LeastFreeInodes)
            yield return new RuleFinding($"The root file system has room for {root.FreeInodes} more files; {LeastFreeInodes} are needed.");
        if (subject.Image.Fat.FreeBytes < LeastFreeBoot)
            yield return new RuleFinding($"The boot partition has {subject.Image.Fat.FreeBytes / 1024} KiB free; {LeastFreeBoot / 1024} KiB are needed.");
    }
}

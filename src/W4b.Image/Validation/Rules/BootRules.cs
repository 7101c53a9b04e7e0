using W4b.Image.Disk;

namespace W4b.Image.Validation.Rules;

/// <summary>The Raspberry Pi's firmware finds its own parts, a kernel and its device tree, and the kernel its root.</summary>
internal static class BootRules
{
    // What the firmware takes when config.txt names no kernel: www.raspberrypi.com/documentation/computers/config_txt.html#kernel
    private static readonly string[] DefaultKernels = ["kernel8.img", "kernel_2712.img", "kernel7l.img", "kernel7.img", "kernel.img"];

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR005", "firmware", RuleSeverity.Error, "The firmware's files for this Raspberry Pi are there",
                "Without them the device stops before anything is on its screen.",
                "Install raspi-firmware (Debian) or raspi-firmware and raspberrypi-bootloader (Raspberry Pi OS) in the base image."), Firmware),
        new(new RuleInfo("W4BR006", "kernel", RuleSeverity.Error, "config.txt and what it names are there: kernel and initramfs",
                "The firmware starts no kernel that it does not find, and tells so only by blinking.",
                "Install a kernel package, or correct config.txt."), Kernel),
        new(new RuleInfo("W4BR007", "device-tree", RuleSeverity.Error, "There is a device tree for this Raspberry Pi",
                "A kernel without its board's device tree finds neither card nor network.",
                "Use a base image or kernel package that supports base_image.model."), DeviceTree),
        new(new RuleInfo("W4BR008", "command-line", RuleSeverity.Error, "cmdline.txt is one line and names the card's root partition",
                "With another root the kernel waits for it forever.",
                "Let root= in cmdline.txt be the PARTUUID of the root partition."), CommandLine),
        new(new RuleInfo("W4BR009", "fstab", RuleSeverity.Error, "/etc/fstab names the card's partitions",
                "A partition in fstab that does not exist stops the start for 90 seconds and then in the emergency shell.",
                "Let /etc/fstab name the PARTUUIDs of the card's two partitions."), Fstab),
    ];

    /// <summary>The firmware's files that a Raspberry Pi of <paramref name="model"/> needs: .../computers/config_txt.html#start_file-fixup_file</summary>
    internal static IEnumerable<string> FirmwareFiles(int model, BootPartition boot)
    {
        // A Raspberry Pi 5 has all that in its EEPROM.
        if (model >= 5)
            yield break;
        if (model < 4)
            yield return "bootcode.bin";
        if (boot.Values("start_file").Concat(boot.Values("fixup_file")).ToList() is { Count: > 0 } named)
        {
            foreach (var file in named)
                yield return file;
            yield break;
        }

        var kind = boot.Values("start_x").Contains("1") ? "x" : boot.Values("start_debug").Contains("1") ? "db" : boot.Values("gpu_mem").Contains("16") ? "cd" : "";
        var infix = model >= 4 ? "4" : "";
        yield return kind.Length > 0 && infix.Length == 0 ? $"start_{kind}.elf" : $"start{infix}{kind}.elf";
        yield return kind.Length > 0 && infix.Length == 0 ? $"fixup_{kind}.dat" : $"fixup{infix}{kind}.dat";
    }

    private static RuleOutcome Firmware(RuleSubject subject)
        => subject.PiModel is not { } model ? RuleOutcome.DoesNotApply("nothing tells which Raspberry Pi the image is for")
            : RuleOutcome.Of(FirmwareFiles(model, subject.Boot).Where(f => !subject.Boot.Files.Contains(f))
                .Select(f => new RuleFinding($"The boot partition lacks {f}, which a Raspberry Pi {model} starts with.", "/" + f)));

    private static IEnumerable<RuleFinding> Kernel(RuleSubject subject)
    {
        var boot = subject.Boot;
        if (boot.Config is null)
        {
            yield return new RuleFinding("config.txt is missing on the boot partition.");
            yield break;
        }

        var lines = boot.Config.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
        var prefixes = boot.Values("os_prefix").Append("").ToList();
        bool Has(string file) => prefixes.Any(p => boot.Files.Contains(p + file));
        var kernels = boot.Values("kernel").Where(k => k.Length > 0).ToList();
        foreach (var kernel in kernels.Where(k => !Has(k)))
            yield return new RuleFinding($"config.txt names the kernel {kernel}, which the boot partition lacks.", "/config.txt");
        if (kernels.Count == 0 && !DefaultKernels.Any(Has))
            yield return new RuleFinding("The boot partition has no kernel.");
        // "initramfs NAME [address]", and initramfs=NAME in newer firmware; several names stand with commas.
        foreach (var name in lines.Where(l => l.StartsWith("initramfs ", StringComparison.Ordinal) || l.StartsWith("initramfs=", StringComparison.Ordinal))
                     .SelectMany(l => l["initramfs ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(1)).SelectMany(n => n.Split(',')).Where(n => !Has(n)))
            yield return new RuleFinding($"config.txt names the initramfs {name}, which the boot partition lacks.", "/config.txt");
        foreach (var file in kernels.Concat(DefaultKernels).SelectMany(k => prefixes.Select(p => p + k)).Select(subject.Image.Fat.Find).OfType<FatNode>().Distinct())
            if (file.Size == 0)
                yield return new RuleFinding($"The kernel {file.Path} is empty.", "/" + file.Path);
    }

    private static RuleOutcome DeviceTree(RuleSubject subject)
    {
        if (subject.PiModel is not { } model)
            return RuleOutcome.DoesNotApply("nothing tells which Raspberry Pi the image is for");
        var files = subject.Boot.Files.Select(Path.GetFileName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = subject.Boot.Values("device_tree").ToList();
        if (named.Contains(""))
            return RuleOutcome.DoesNotApply("config.txt switches it off");
        // Raspberry Pi's own kernels name the chip of their model, mainline kernels its family.
        string[] any = model switch
        {
            3 => ["bcm2710-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"],
            4 => ["bcm2711-rpi-4-b.dtb"],
            _ => ["bcm2712-rpi-5-b.dtb", "bcm2712-d-rpi-5-b.dtb", "bcm2712d0-rpi-5-b.dtb"],
        };
        return RuleOutcome.Of(named.Count > 0
            ? named.Where(n => !subject.Boot.Files.Contains(n)).Select(n => new RuleFinding($"config.txt names the device tree {n}, which the boot partition lacks.", "/config.txt"))
            : any.Any(files.Contains) ? [] : [new RuleFinding($"The boot partition has no device tree of a Raspberry Pi {model} ({string.Join(" or ", any)}).")]);
    }

    private static IEnumerable<RuleFinding> CommandLine(RuleSubject subject)
    {
        const string file = "/cmdline.txt";
        if (subject.Boot.CommandLine is not { } text)
        {
            yield return new RuleFinding("cmdline.txt is missing on the boot partition.");
            yield break;
        }

        var line = text.TrimEnd('\n', '\r', ' ');
        if (line.Contains('\n', StringComparison.Ordinal))
        {
            yield return new RuleFinding("cmdline.txt has more than one line; the kernel gets the first only.", file);
            yield break;
        }

        var (card, root) = (subject.Image.Layout, subject.Root.Statistics);
        var target = line.Split(' ').LastOrDefault(w => w.StartsWith("root=", StringComparison.Ordinal))?["root=".Length..];
        string[] names = [$"PARTUUID={card.RootPartUuid}", $"UUID={root.Uuid}", $"LABEL={root.Label}", $"/dev/mmcblk0p{card.Root.Number}"];
        if (target is null)
            yield return new RuleFinding("cmdline.txt names no root.", file);
        else if (!names.Contains(target, StringComparer.OrdinalIgnoreCase))
            yield return new RuleFinding($"cmdline.txt names the root {target}; the card's is {names[0]}.", file);
    }

    private static IEnumerable<RuleFinding> Fstab(RuleSubject subject)
    {
        const string file = "/etc/fstab";
        var card = subject.Image.Layout;
        if (subject.Root.Find(file) is null)
        {
            yield return new RuleFinding("/etc/fstab is missing.");
            yield break;
        }

        string[] known = [card.BootPartUuid, card.RootPartUuid];
        foreach (var line in subject.Root.ReadAllText(file).Split('\n'))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || !fields[0].StartsWith("PARTUUID=", StringComparison.OrdinalIgnoreCase))
                continue;
            var expected = fields[1] == "/" ? card.RootPartUuid : fields[1].StartsWith("/boot", StringComparison.Ordinal) ? card.BootPartUuid : null;
            var actual = fields[0]["PARTUUID=".Length..].ToLowerInvariant();
            if (expected is not null && actual != expected)
                yield return new RuleFinding($"/etc/fstab mounts {actual} at {fields[1]}, the card's partition is {expected}.", file);
            else if (!known.Contains(actual))
                yield return new RuleFinding($"/etc/fstab names the partition {actual}, which the card lacks.", file);
        }
    }
}

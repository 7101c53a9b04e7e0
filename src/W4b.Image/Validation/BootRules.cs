using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>The Raspberry Pi's firmware finds a kernel, and the kernel its root.</summary>
internal static class BootRules
{
    // What the firmware takes when config.txt names no kernel: www.raspberrypi.com/documentation/computers/config_txt.html#kernel
    private static readonly string[] DefaultKernels = ["kernel8.img", "kernel_2712.img", "kernel7l.img", "kernel7.img", "kernel.img"];

    /// <summary>What is wrong with config.txt, kernel, initramfs and cmdline.txt.</summary>
    public static IEnumerable<string> Check(CardLayout card, Ext4Statistics root, BootPartition boot)
    {
        if (boot.Config is null)
            yield return "config.txt is missing on the boot partition.";
        else
            foreach (var problem in CheckConfig(boot.Config, boot.Files))
                yield return problem;

        if (boot.CommandLine is null)
            yield return "cmdline.txt is missing on the boot partition.";
        else if (CheckCommandLine(boot.CommandLine, card, root) is { } problem)
            yield return problem;
    }

    private static IEnumerable<string> CheckConfig(string config, IReadOnlySet<string> files)
    {
        var lines = config.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
        var kernels = lines.Where(l => l.StartsWith("kernel=", StringComparison.Ordinal)).Select(l => l["kernel=".Length..].Trim()).ToList();
        foreach (var kernel in kernels.Where(k => !files.Contains(k)))
            yield return $"config.txt names the kernel {kernel}, which the boot partition lacks.";
        if (kernels.Count == 0 && !DefaultKernels.Any(files.Contains))
            yield return "The boot partition has no kernel.";
        // "initramfs NAME [address]", and initramfs=NAME in newer firmware; several names stand with commas.
        foreach (var name in lines.Where(l => l.StartsWith("initramfs ", StringComparison.Ordinal) || l.StartsWith("initramfs=", StringComparison.Ordinal))
                     .SelectMany(l => l["initramfs ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0].Split(',')).Where(n => !files.Contains(n)))
            yield return $"config.txt names the initramfs {name}, which the boot partition lacks.";
    }

    private static string? CheckCommandLine(string text, CardLayout card, Ext4Statistics root)
    {
        var line = text.TrimEnd('\n', '\r', ' ');
        if (line.Contains('\n', StringComparison.Ordinal))
            return "cmdline.txt has more than one line; the kernel gets the first only.";
        var target = line.Split(' ').LastOrDefault(w => w.StartsWith("root=", StringComparison.Ordinal))?["root=".Length..];
        string[] names =
        [
            $"PARTUUID={card.RootPartUuid}", $"UUID={root.Uuid}", $"LABEL={root.Label}", $"/dev/mmcblk0p{card.Root.Number}",
        ];
        return target is null ? "cmdline.txt names no root."
            : names.Contains(target, StringComparer.OrdinalIgnoreCase) ? null
            : $"cmdline.txt names the root {target}; the card's is {names[0]}.";
    }
}

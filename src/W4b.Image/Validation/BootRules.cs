using System.Text;
using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>The Raspberry Pi's firmware finds a kernel, and the kernel its root.</summary>
internal sealed class BootRules(CardLayout card, Ext4FileSystem root, FatFileSystem boot)
{
    // What the firmware takes when config.txt names no kernel: www.raspberrypi.com/documentation/computers/config_txt.html#kernel
    private static readonly string[] DefaultKernels = ["kernel8.img", "kernel_2712.img", "kernel7l.img", "kernel7.img", "kernel.img"];

    /// <summary>Checks config.txt, kernel, initramfs and cmdline.txt.</summary>
    public async Task<RuleResult> CheckAsync(CancellationToken cancellation)
    {
        var files = (await boot.ListAsync(cancellation).ConfigureAwait(false)).Select(f => f.Path.TrimStart('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var problems = new List<string>();
        if (!files.Contains("config.txt"))
            problems.Add("config.txt is missing on the boot partition.");
        else
            problems.AddRange(CheckConfig(Encoding.UTF8.GetString(await boot.ReadAsync("/config.txt", cancellation).ConfigureAwait(false)), files));

        if (!files.Contains("cmdline.txt"))
            problems.Add("cmdline.txt is missing on the boot partition.");
        else if (CheckCommandLine(Encoding.UTF8.GetString(await boot.ReadAsync("/cmdline.txt", cancellation).ConfigureAwait(false))) is { } problem)
            problems.Add(problem);
        return new RuleResult("kernel and command line", problems);
    }

    private static IEnumerable<string> CheckConfig(string config, HashSet<string> files)
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

    private string? CheckCommandLine(string text)
    {
        var line = text.TrimEnd('\n', '\r', ' ');
        if (line.Contains('\n', StringComparison.Ordinal))
            return "cmdline.txt has more than one line; the kernel gets the first only.";
        var target = line.Split(' ').LastOrDefault(w => w.StartsWith("root=", StringComparison.Ordinal))?["root=".Length..];
        string[] names =
        [
            $"PARTUUID={card.RootPartUuid}", $"UUID={root.Statistics.Uuid}", $"LABEL={root.Statistics.Label}", $"/dev/mmcblk0p{card.Root.Number}",
        ];
        return target is null ? "cmdline.txt names no root."
            : names.Contains(target, StringComparer.OrdinalIgnoreCase) ? null
            : $"cmdline.txt names the root {target}; the card's is {names[0]}.";
    }
}

namespace W4b.Image.Validation.Boot;

/// <summary>
/// The part of config.txt that chooses what is booted, read as a Raspberry Pi's firmware reads it:
/// www.raspberrypi.com/documentation/computers/config_txt.html (conditional filters, kernel, initramfs, os_prefix, cmdline).
/// </summary>
/// <param name="Kernel">File name of the kernel.</param>
/// <param name="Initramfs">File names of initial RAM disks, loaded one after another.</param>
/// <param name="DeviceTree">File name of the device tree.</param>
/// <param name="CommandLine">File name of the command line.</param>
internal sealed record FirmwareConfig(string Kernel, IReadOnlyList<string> Initramfs, string DeviceTree, string CommandLine)
{
    /// <summary>What <paramref name="text"/> chooses on a Raspberry Pi of <paramref name="model"/> from <paramref name="files"/> of its partition.</summary>
    public static FirmwareConfig Parse(string text, int model, bool is64Bit, IReadOnlySet<string> files)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> initramfs = [];
        var (ofModel, ofRest) = (true, true);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[')
                (ofModel, ofRest) = Filter(line.Trim('[', ']'), model, (ofModel, ofRest));
            else if (ofModel && ofRest && line.StartsWith("initramfs ", StringComparison.Ordinal))
                initramfs.AddRange(line[10..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0].Split(','));
            else if (ofModel && ofRest && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                settings[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }

        var prefix = settings.GetValueOrDefault("os_prefix", "");
        var kernel = settings.TryGetValue("kernel", out var named) ? prefix + named
            : Defaults(model, is64Bit).Select(k => prefix + k).FirstOrDefault(files.Contains) ?? prefix + Defaults(model, is64Bit)[0];
        if (initramfs.Count == 0 && settings.GetValueOrDefault("auto_initramfs") == "1")
            // kernel8.img has initramfs8, kernel_2712.img initramfs_2712.
            initramfs.Add(Path.ChangeExtension(kernel[prefix.Length..], null).Replace("kernel", "initramfs", StringComparison.Ordinal));
        return new FirmwareConfig(kernel, [.. initramfs.Select(i => prefix + i).Where(files.Contains)],
            prefix + (settings.GetValueOrDefault("device_tree") ?? Tree(model, settings.GetValueOrDefault("upstream_kernel") == "1", prefix, files)),
            prefix + settings.GetValueOrDefault("cmdline", "cmdline.txt"));
    }

    // Filters of a kind replace each other, those of different kinds add up; [all] ends both. What only the board can tell (its serial number,
    // a pin, a screen, a trial of another slot) is taken for untrue.
    private static (bool OfModel, bool OfRest) Filter(string name, int model, (bool OfModel, bool OfRest) before) => name switch
    {
        "all" => (true, true),
        "none" => (false, before.OfRest),
        ['p', 'i', >= '0' and <= '9', ..] or ['c', 'm', >= '0' and <= '9', ..] => (name == $"pi{model}", before.OfRest),
        _ => (before.OfModel, name == "boot_partition=1"),
    };

    // Debian's kernel names the board by the chip's upstream name, Raspberry Pi's own by its family's.
    private static string Tree(int model, bool upstream, string prefix, IReadOnlySet<string> files)
    {
        var own = model switch { 3 => "bcm2710-rpi-3-b.dtb", 4 => "bcm2711-rpi-4-b.dtb", _ => "bcm2712-rpi-5-b.dtb" };
        var upstreams = own.Replace("bcm2710", "bcm2837", StringComparison.Ordinal);
        return !upstream && files.Contains(prefix + own) ? own : upstreams;
    }

    private static string[] Defaults(int model, bool is64Bit)
        => !is64Bit ? ["kernel7.img", "kernel7l.img", "kernel.img"] : model >= 5 ? ["kernel_2712.img", "kernel8.img"] : ["kernel8.img"];
}

namespace W4b.Image.Validation.Boot;

/// <summary>
/// The part of config.txt that chooses what is booted, read as a Raspberry Pi's firmware reads it:
/// www.raspberrypi.com/documentation/computers/config_txt.html (conditional filters, kernel, initramfs, os_prefix, cmdline).
/// </summary>
/// <param name="Kernel">File name of the kernel.</param>
/// <param name="Initramfs">File names of initial RAM disks, loaded one after another.</param>
/// <param name="CommandLine">File name of the command line.</param>
internal sealed record FirmwareConfig(string Kernel, IReadOnlyList<string> Initramfs, string CommandLine)
{
    /// <summary>What <paramref name="text"/> chooses on a Raspberry Pi of <paramref name="model"/> from <paramref name="files"/> of its partition.</summary>
    public static FirmwareConfig Parse(string text, int model, bool is64Bit, IReadOnlySet<string> files)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> initramfs = [];
        var applies = true;
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[')
                applies = Filter(line.Trim('[', ']'), model);
            else if (applies && line.StartsWith("initramfs ", StringComparison.Ordinal))
                initramfs.AddRange(line[10..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0].Split(','));
            else if (applies && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                settings[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }

        var prefix = settings.GetValueOrDefault("os_prefix", "");
        var kernel = settings.TryGetValue("kernel", out var named) ? prefix + named
            : Defaults(model, is64Bit).Select(k => prefix + k).FirstOrDefault(files.Contains) ?? prefix + Defaults(model, is64Bit)[0];
        if (initramfs.Count == 0 && settings.GetValueOrDefault("auto_initramfs") == "1")
            // kernel8.img has initramfs8, kernel_2712.img initramfs_2712.
            initramfs.Add(Path.ChangeExtension(kernel[prefix.Length..], null).Replace("kernel", "initramfs", StringComparison.Ordinal));
        return new FirmwareConfig(kernel, [.. initramfs.Select(i => prefix + i).Where(files.Contains)], prefix + settings.GetValueOrDefault("cmdline", "cmdline.txt"));
    }

    private static bool Filter(string name, int model)
        => name == "all" || name == $"pi{model}";

    private static string[] Defaults(int model, bool is64Bit)
        => !is64Bit ? ["kernel7.img", "kernel7l.img", "kernel.img"] : model >= 5 ? ["kernel_2712.img", "kernel8.img"] : ["kernel8.img"];
}

using System.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// Boots an image on QEMU's virtual ARM board with the image's own kernel and initramfs. The image stays as it is: writes go to a
/// snapshot, and the self-test comes in as systemd credentials (systemd.system-credentials(7)) over QEMU's fw_cfg.
/// </summary>
internal static class Emulator
{
    private static readonly TimeSpan LongestBoot = TimeSpan.FromMinutes(8);

    /// <summary>
    /// Runs <paramref name="script"/> in the booted image and returns what it wrote to its second serial port, one <c>name=value</c> a
    /// line.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Boot(string image, string script, string folder)
    {
        Directory.CreateDirectory(folder);
        var (kernel, initramfs, commandLine) = TakeKernel(image, folder);
        var console = Path.Combine(folder, "console.log");
        var result = Path.Combine(folder, "result");
        File.WriteAllText(Path.Combine(folder, "selftest.sh"), script);
        File.WriteAllText(Path.Combine(folder, "t.service"), """
            [Unit]
            Description=Self-test of the build
            [Service]
            Type=exec
            ImportCredential=selftest.sh
            ExecStart=/bin/sh -c 'exec /bin/sh "$$CREDENTIALS_DIRECTORY"/selftest.sh > /dev/virtio-ports/selftest'
            ExecStopPost=/bin/systemctl poweroff --no-block
            """);

        string[] arguments =
        [
            "-M", "virt", "-cpu", "cortex-a53", "-accel", "tcg,thread=multi,tb-size=256", "-smp", "2", "-m", "1024", "-no-reboot",
            "-display", "none", "-monitor", "none", "-serial", $"file:{console}",
            "-kernel", kernel, "-initrd", initramfs, "-append", commandLine,
            "-drive", $"file={image},format=raw,if=none,id=card,snapshot=on,cache=unsafe", "-device", "virtio-blk-pci,drive=card",
            "-netdev", "user,id=lan", "-device", "virtio-net-pci,netdev=lan,romfile=", "-device", "virtio-rng-pci",
            "-device", "virtio-serial-pci", "-chardev", $"file,id=selftest,path={result}", "-device", "virtserialport,chardev=selftest,name=selftest",
            "-fw_cfg", $"name=opt/io.systemd.credentials/systemd.extra-unit.t.service,file={Path.Combine(folder, "t.service")}",
            "-fw_cfg", $"name=opt/io.systemd.credentials/selftest.sh,file={Path.Combine(folder, "selftest.sh")}",
        ];
        using var process = Process.Start(new ProcessStartInfo("qemu-system-aarch64", arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(LongestBoot))
            process.Kill();
        process.WaitForExit();

        var lines = File.Exists(result) ? File.ReadAllLines(result) : [];
        Assert.True(lines.Contains("end=yes"), $"The self-test did not end. It said:\n{string.Join('\n', lines)}\n{errors.Result}\nThe console:\n{File.ReadAllText(console)}");
        return lines.Where(l => l.Contains('=', StringComparison.Ordinal)).Select(l => l.Split('=', 2))
            .GroupBy(f => f[0]).ToDictionary(g => g.Key, g => g.Last()[1], StringComparer.Ordinal);
    }

    // The command line is the card's own: only the console is the board's, and a dead boot ends by itself.
    private static (string Kernel, string Initramfs, string CommandLine) TakeKernel(string image, string folder)
    {
        var card = CardLayout.Read(image);
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, TreeListing.AnyTime);
        string Take(string prefix)
        {
            var path = root.Walk().Select(e => e.Path).Where(p => p.StartsWith("/boot/" + prefix, StringComparison.Ordinal)).Max()!;
            var target = Path.Combine(folder, prefix);
            File.WriteAllBytes(target, root.ReadAllBytes(path));
            return target;
        }

        return (Take("vmlinuz-"), Take("initrd.img-"),
            $"root=PARTUUID={card.RootPartUuid} rw rootwait quiet panic=1 console=ttyAMA0 systemd.wants=t.service");
    }
}

using System.Globalization;
using W4b.Image.Sandbox;

namespace W4b.Image.Validation.Boot;

/// <summary>A port of the guest that the host reaches through QEMU.</summary>
/// <param name="Host">TCP port on the host's loopback.</param>
/// <param name="Guest">TCP port of the guest.</param>
internal sealed record ForwardedPort(int Host, int Guest);

/// <summary>What the machine is given.</summary>
/// <param name="Card">Path of the image.</param>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Initramfs">Path of the initial RAM disk; null for none.</param>
/// <param name="DeviceTree">Path of the device tree; null where QEMU makes it.</param>
/// <param name="CommandLine">The kernel's command line of the image.</param>
/// <param name="Network">QEMU's <c>-netdev user</c> options beside the forwarded ports; empty for its own network.</param>
/// <param name="Ports">Forwarded ports.</param>
/// <param name="Console">Path of the file for the console.</param>
/// <param name="Channel">Path of the listening socket that the self-test's channel connects to; null for no self-test.</param>
/// <param name="UseKvm">Whether the host's processor runs the guest.</param>
internal sealed record MachineInputs(string Card, string Kernel, string? Initramfs, string? DeviceTree, string CommandLine, string Network,
    IReadOnlyList<ForwardedPort> Ports, string Console, string? Channel, bool UseKvm);

/// <summary>A machine of QEMU's: what it is called, what it lacks, and how it is started.</summary>
/// <param name="Name">QEMU's name.</param>
/// <param name="ChannelDevice">The guest's device for the self-test.</param>
/// <param name="ConsoleDevice">The guest's serial console.</param>
/// <param name="TakesDeviceTree">Whether the image's device tree describes the machine; QEMU makes one otherwise.</param>
internal sealed record BootMachine(string Name, string ChannelDevice, string ConsoleDevice, bool TakesDeviceTree)
{
    /// <summary>A board that is none of Raspberry Pi's: fast, but a kernel of Raspberry Pi OS has no drivers for it.</summary>
    public static readonly BootMachine Virt = new("virt", "/dev/virtio-ports/w4b", "ttyAMA0", TakesDeviceTree: false);

    /// <summary>A Raspberry Pi 3 with the image as its SD card. The self-test shares the serial console.</summary>
    public static readonly BootMachine RaspberryPi3 = new("raspi3b", "/dev/ttyS1", "ttyS1,115200", TakesDeviceTree: true);

    /// <summary>The machine of that name, or null.</summary>
    public static BootMachine? Find(string name) => name switch
    {
        "virt" => Virt,
        "raspi3b" => RaspberryPi3,
        _ => null,
    };

    // Their drivers wait for hardware that QEMU does not have.
    private const string MissingHardware = "module_blacklist=vc4,v3d,snd_bcm2835,bluetooth,hci_uart,brcmfmac,cfg80211";

    // QEMU's resets the machine as soon as it is started (bcm2835_powermgt.c); its driver must be there, as it also powers off.
    private const string NoWatchdog = "systemd.watchdog_device=/dev/null";

    /// <summary>The image's own command line, but for the console; a dead boot ends by itself.</summary>
    public string KernelCommandLine(string own)
    {
        var words = own.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(w => !w.StartsWith("console=", StringComparison.Ordinal) && w != "quiet").ToList();
        words.AddRange([$"console={ConsoleDevice}", "quiet", "panic=1", "systemd.show_status=false",
            // On a busy host what takes seconds on a Raspberry Pi takes minutes. A partition with `nofail` is left unmounted when its device comes too late.
            "systemd.default_timeout_start_sec=900", "systemd.default_device_timeout_sec=900",
            // Without address randomisation QEMU takes 30 % less of the processor's time (docs/performance.md): a library is then at one address in all processes.
            "norandmaps"]);
        if (this == RaspberryPi3)
            words.AddRange([MissingHardware, NoWatchdog, "systemd.mask=serial-getty@ttyS1.service"]);
        return string.Join(' ', words);
    }

    /// <summary>QEMU's arguments.</summary>
    public IReadOnlyList<string> Arguments(Architecture architecture, MachineInputs inputs)
    {
        List<string> arguments =
        [
            "-M", Name, "-no-reboot", "-display", "none", "-monitor", "none", "-nodefaults",
            "-kernel", inputs.Kernel, "-append", KernelCommandLine(inputs.CommandLine),
            "-netdev", "user,id=lan" + inputs.Network + string.Concat(inputs.Ports.Select(p => string.Create(CultureInfo.InvariantCulture, $",hostfwd=tcp:127.0.0.1:{p.Host}-:{p.Guest}"))),
            "-chardev", inputs.Channel is null ? $"file,id=test,path={inputs.Console}"
                : $"socket,id=test,path={inputs.Channel}" + (this == RaspberryPi3 ? $",logfile={inputs.Console}" : ""),
        ];
        if (inputs.Initramfs is not null)
            arguments.AddRange(["-initrd", inputs.Initramfs]);
        if (inputs.DeviceTree is not null)
            arguments.AddRange(["-dtb", inputs.DeviceTree]);
        arguments.AddRange(inputs.UseKvm ? ["-accel", "kvm"] : ["-accel", "tcg,thread=multi,tb-size=256"]);
        if (this == RaspberryPi3)
        {
            arguments.AddRange(
            [
                "-drive", $"file={inputs.Card},format=raw,if=sd,cache=unsafe", "-device", "usb-net,netdev=lan",
                "-serial", "null", "-serial", "chardev:test",
            ]);
            return arguments;
        }

        arguments.AddRange(
        [
            // Without pointer authentication, whose emulation costs several times the time.
            "-cpu", inputs.UseKvm ? "host" : architecture == Architecture.Arm64 ? "cortex-a53" : "cortex-a15", "-smp", "2", "-m", "1024",
            "-drive", $"file={inputs.Card},format=raw,if=none,id=card,cache=unsafe", "-device", "virtio-blk-pci,drive=card",
            "-device", "virtio-net-pci,netdev=lan,romfile=", "-device", "virtio-rng-pci", "-serial", $"file:{inputs.Console}",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=test,name=w4b",
        ]);
        return arguments;
    }
}

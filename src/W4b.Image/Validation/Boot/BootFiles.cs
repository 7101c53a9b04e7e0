using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Sandbox;

namespace W4b.Image.Validation.Boot;

/// <summary>What a Raspberry Pi's firmware would load from the boot partition, as files for QEMU.</summary>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Initramfs">Path of the initial RAM disk; null for none.</param>
/// <param name="DeviceTree">Path of the device tree; null for none.</param>
/// <param name="CommandLine">The kernel's command line.</param>
internal sealed record BootFiles(string Kernel, string? Initramfs, string? DeviceTree, string CommandLine)
{
    /// <summary>Takes them from <paramref name="image"/> into <paramref name="folder"/>.</summary>
    public static async Task<BootFiles> TakeAsync(string image, int piModel, Architecture architecture, BootMachine machine, string folder, IBuildLog log,
        CancellationToken cancellation)
    {
        var offset = CardLayout.Read(image).Boot.OffsetBytes;
        var fat = new FatFileSystem(log, image, offset, BuildEpoch.Current);
        var boot = BootPartition.Read(image, offset);
        // The machine's own model: that of a Raspberry Pi 3 boots its kernel whatever the hive is for.
        var model = machine == BootMachine.RaspberryPi3 ? 3 : piModel;
        var chosen = FirmwareConfig.Parse(boot.Config ?? "", model, architecture == Architecture.Arm64, boot.Files);

        async Task<byte[]> Read(string name)
            => boot.Files.Contains(name) ? await fat.ReadAsync("/" + name, cancellation).ConfigureAwait(false)
                : throw DiagnosticCode.BootFailed.Error($"The boot partition has no {name}, which the machine {machine.Name} needs.");
        async Task<string> Take(string name, string target)
        {
            var path = Path.Combine(folder, target);
            await File.WriteAllBytesAsync(path, await Read(name).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            return path;
        }

        string? initramfs = null;
        if (chosen.Initramfs.Count > 0)
        {
            initramfs = Path.Combine(folder, "initramfs");
            await using var joined = File.Create(initramfs);
            foreach (var name in chosen.Initramfs)
                await joined.WriteAsync(await Read(name).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        return new BootFiles(await Take(chosen.Kernel, "kernel").ConfigureAwait(false), initramfs,
            machine.TakesDeviceTree ? await Take(chosen.DeviceTree, "device-tree").ConfigureAwait(false) : null,
            Encoding.ASCII.GetString(await Read(chosen.CommandLine).ConfigureAwait(false)).Trim());
    }
}

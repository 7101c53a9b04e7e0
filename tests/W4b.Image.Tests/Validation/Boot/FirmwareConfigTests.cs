using W4b.Image.Validation.Boot;

namespace W4b.Image.Tests.Validation.Boot;

public sealed class FirmwareConfigTests
{
    private static readonly HashSet<string> Debian = new(StringComparer.OrdinalIgnoreCase)
    {
        "vmlinuz-6.12", "initrd.img-6.12", "bcm2837-rpi-3-b.dtb", "bcm2711-rpi-4-b.dtb", "cmdline.txt", "config.txt",
    };

    private static readonly HashSet<string> RaspberryPiOs = new(StringComparer.OrdinalIgnoreCase)
    {
        "kernel8.img", "kernel_2712.img", "kernel7.img", "initramfs8", "initramfs_2712", "initramfs7", "bcm2710-rpi-3-b.dtb", "bcm2711-rpi-4-b.dtb", "cmdline.txt",
        "slot/kernel8.img", "slot/initramfs8", "slot/bcm2710-rpi-3-b.dtb", "slot/cmdline.txt",
    };

    [Fact]
    public void Names_in_config_txt_are_taken()
    {
        var chosen = FirmwareConfig.Parse("# Debian's\narm_64bit=1\nkernel=vmlinuz-6.12\ninitramfs initrd.img-6.12 followkernel\n", 3, true, Debian);
        Assert.Equal(("vmlinuz-6.12", "bcm2837-rpi-3-b.dtb", "cmdline.txt"), (chosen.Kernel, chosen.DeviceTree, chosen.CommandLine));
        Assert.Equal(["initrd.img-6.12"], chosen.Initramfs);
    }

    [Theory]
    [InlineData(3, true, "kernel8.img", "initramfs8", "bcm2710-rpi-3-b.dtb")]
    [InlineData(3, false, "kernel7.img", "initramfs7", "bcm2710-rpi-3-b.dtb")]
    [InlineData(4, true, "kernel8.img", "initramfs8", "bcm2711-rpi-4-b.dtb")]
    [InlineData(5, true, "kernel_2712.img", "initramfs_2712", "bcm2712-rpi-5-b.dtb")]
    public void Without_names_the_model_decides(int model, bool is64Bit, string kernel, string initramfs, string tree)
    {
        var chosen = FirmwareConfig.Parse("auto_initramfs=1\n", model, is64Bit, RaspberryPiOs);
        Assert.Equal((kernel, tree), (chosen.Kernel, chosen.DeviceTree));
        Assert.Equal([initramfs], chosen.Initramfs);
    }

    // Of the filters' page: models replace each other, another kind is added to them, [all] ends both.
    [Theory]
    [InlineData("[pi4]\nkernel=a\n", "kernel8.img")]
    [InlineData("[pi3]\nkernel=a\n", "a")]
    [InlineData("[pi3+]\nkernel=a\n", "kernel8.img")]
    [InlineData("[cm4]\nkernel=a\n[all]\nkernel=b\n", "b")]
    [InlineData("[none]\nkernel=a\n", "kernel8.img")]
    [InlineData("[tryboot]\nkernel=a\n[pi3]\nkernel=b\n", "kernel8.img")]
    [InlineData("[tryboot]\nkernel=a\n[all]\n", "kernel8.img")]
    [InlineData("[gpio4=1]\nkernel=a\n[pi4]\nkernel=b\n[all]\nkernel=c\n", "c")]
    [InlineData("kernel=a\nkernel=b\n", "b")]
    public void Filters_hold_for_the_lines_after_them(string config, string kernel)
        => Assert.Equal(kernel, FirmwareConfig.Parse(config, 3, true, RaspberryPiOs).Kernel);

    [Fact]
    public void A_prefix_stands_before_every_name()
    {
        var chosen = FirmwareConfig.Parse("os_prefix=slot/\nauto_initramfs=1\n", 3, true, RaspberryPiOs);
        Assert.Equal(("slot/kernel8.img", "slot/bcm2710-rpi-3-b.dtb", "slot/cmdline.txt"), (chosen.Kernel, chosen.DeviceTree, chosen.CommandLine));
        Assert.Equal(["slot/initramfs8"], chosen.Initramfs);
    }

    [Theory]
    [InlineData("device_tree=own.dtb\n", "own.dtb")]
    [InlineData("upstream_kernel=1\n", "bcm2837-rpi-3-b.dtb")]
    public void The_device_tree_may_be_told(string config, string tree)
        => Assert.Equal(tree, FirmwareConfig.Parse(config, 3, true, RaspberryPiOs).DeviceTree);
}

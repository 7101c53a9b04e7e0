using W4b.Image.Validation.Boot;

namespace W4b.Image.Tests.Validation.Boot;

/// <summary>The command line that the emulated machine's kernel gets.</summary>
public sealed class BootMachineTests
{
    private const string Own = "console=tty0 console=ttyS1,115200 root=PARTUUID=1c9965d2-02 rw quiet net.ifnames=0 rootwait\n";

    [Fact]
    public void The_image_keeps_its_own_words_but_for_the_console()
    {
        var words = BootMachine.Virt.KernelCommandLine(Own).Split(' ');
        Assert.Equal(["root=PARTUUID=1c9965d2-02", "rw", "net.ifnames=0", "rootwait", "console=ttyAMA0"], words[..5]);
        Assert.Equal("console=ttyS1,115200", Assert.Single(BootMachine.RaspberryPi3.KernelCommandLine(Own).Split(' '), word => word.StartsWith("console=", StringComparison.Ordinal)));
    }

    [Fact]
    public void On_a_busy_host_devices_are_waited_for_as_long_as_units()
    {
        // After its 90 s systemd leaves a partition with `nofail` unmounted, as /boot/firmware is.
        foreach (var machine in new[] { BootMachine.Virt, BootMachine.RaspberryPi3 })
            Assert.Superset(new HashSet<string> { "systemd.default_timeout_start_sec=900", "systemd.default_device_timeout_sec=900" }, machine.KernelCommandLine(Own).Split(' ').ToHashSet());
    }
}

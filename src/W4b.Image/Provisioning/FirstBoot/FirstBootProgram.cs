namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>
/// Raspberry Pi OS up to Bookworm: <c>init=</c> on the command line starts a program instead of systemd. It grows the root partition,
/// makes new SSH host keys, applies custom.toml, gives the card another disk id in MBR, fstab and command line, and starts again. A hive has
/// its settings and keys, and its disk id is the base's, so the program does not run.
/// </summary>
internal sealed class FirstBootProgram : IFirstBoot
{
    // Of raspberrypi-sys-mods since Bookworm, of raspi-config before.
    private static readonly string[] Programs = ["init=/usr/lib/raspberrypi-sys-mods/firstboot", "init=/usr/lib/raspi-config/init_resize.sh"];

    /// <summary>The word that starts the program; null when there is none.</summary>
    public static string? In(CommandLine line) => line.Words.FirstOrDefault(Programs.Contains);

    /// <inheritdoc/>
    public FilePlan Create(PlanInputs inputs)
        => RaspberryPiOsFirstBoot.Create(inputs, In(inputs.Layer.CommandLine) is { } word ? [word] : []);
}

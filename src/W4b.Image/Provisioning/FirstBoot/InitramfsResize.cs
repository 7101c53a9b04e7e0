namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>
/// Raspberry Pi OS since Trixie: <c>resize</c> on the command line lets the initramfs grow the root partition, which asks nothing and
/// stays. cloud-init would read users, keys and network from the boot partition, delete the SSH host keys and set a host name: a hive has
/// all of that, so it does not run.
/// </summary>
internal sealed class InitramfsResize : IFirstBoot
{
    /// <summary>The word on the command line.</summary>
    public const string Word = "resize";

    /// <summary>The package that configures a device from its boot partition.</summary>
    public const string CloudInit = "cloud-init";

    /// <inheritdoc/>
    public FilePlan Create(PlanInputs inputs)
    {
        var plan = RaspberryPiOsFirstBoot.Create(inputs, remove: []);
        // Its own switch: none of its stages runs when this file is there.
        return !inputs.Layer.Packages.Contains(CloudInit) ? plan
            : plan.With(new FilePlan { Entries = [PlannedFile.OfText("/etc/cloud/cloud-init.disabled", "The hive is configured in its image.\n")] });
    }
}

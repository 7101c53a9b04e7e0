namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>A base of Debian packages: it has no first boot of its own.</summary>
internal sealed class DebianFirstBoot : IFirstBoot
{
    /// <inheritdoc/>
    public FilePlan Create(PlanInputs inputs) => new()
    {
        // Raspberry Pi OS brings its own swap.
        Entries = [PlannedFile.OfText("/etc/systemd/zram-generator.conf", Template.Read("zram-generator"))],
    };
}

namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>What the worlds of Raspberry Pi OS have in common.</summary>
internal static class RaspberryPiOsFirstBoot
{
    // They ask at the screen, or put keys of their own in place of the hive's: masked, no package's update starts them again.
    private static readonly string[] Masked =
    [
        "userconfig.service", // asks for the first user's name, and keeps the device from starting until it is told
        "systemd-firstboot.service", // asks for locale, time zone and root's password
        "regenerate_ssh_host_keys.service", // deletes baked host keys
    ];

    /// <summary>The plan: the command line without the words of <paramref name="remove"/>, and no service that waits for anybody.</summary>
    public static FilePlan Create(PlanInputs inputs, IReadOnlyList<string> remove)
    {
        // The radio is blocked until the kernel's command line has its country: modprobe.d comes too late for that.
        IReadOnlyList<string> add = inputs.Hive.Network.Country is { } country ? [$"cfg80211.ieee80211_regdom={country}"] : [];
        return new FilePlan
        {
            Entries =
            [
                .. Masked.Select(unit => new PlannedLink($"/etc/systemd/system/{unit}", "/dev/null")),
                .. remove.Count + add.Count == 0 ? [] : (PlanEntry[])[new PlannedCommandLine(remove, add)],
            ],
        };
    }
}

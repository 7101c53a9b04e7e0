using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Which hive it is, and where in the world.</summary>
internal static class IdentityPlan
{
    public static FilePlan Create(HiveConfiguration hive) => new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/hostname", hive.System.Hostname + "\n"),
            PlannedFile.OfText("/etc/hosts", Template.Render("hosts", hive.System)),
            new PlannedDirectory("/etc/w4b", PlanModes.PublicFolder),
            PlannedFile.OfText("/etc/w4b/env", Template.Render("w4b-env", new { hive.HiveId, hive.Base.PiModel, hive.System, hive.Vpn })),
            new PlannedLink("/etc/localtime", $"/usr/share/zoneinfo/{hive.System.Timezone}"),
            PlannedFile.OfText("/etc/timezone", hive.System.Timezone + "\n"),
            // systemd reads the first, PAM the second; on newer releases one is a link to the other.
            PlannedFile.OfText("/etc/locale.conf", $"LANG={hive.System.Locale}\n"),
            PlannedFile.OfText("/etc/default/locale", $"LANG={hive.System.Locale}\n"),
            PlannedFile.OfText("/etc/default/keyboard", Template.Render("keyboard", hive.System)),
        ],
    };
}

using System.Text.Json;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>
/// The encrypted volume that the database lies on: a LUKS2 volume in a file of the root file system, made by the device when it first
/// starts. Its key is bound to a Tang server; the image holds none. docs/security.md says why.
/// </summary>
public static class EncryptionPlan
{
    /// <summary>The volume on the device.</summary>
    public const string Volume = "/var/lib/w4b/database.luks";

    /// <summary>Name of the opened volume for the device mapper. Without a hyphen, which the name of its unit would have as <c>\x2d</c>.</summary>
    public const string Mapping = "w4b_database";

    /// <summary>Where it is mounted: all that PostgreSQL keeps.</summary>
    public const string MountPoint = "/var/lib/postgresql";

    /// <summary>The unit that opens it.</summary>
    public const string Unit = "w4b-database-volume.service";

    /// <summary>The file that names the key server, as clevis(1) wants it.</summary>
    public const string KeyServerPath = "/etc/w4b/key-server.json";

    internal static FilePlan Create(HiveConfiguration hive)
    {
        if (hive is not { Encryption: { } encryption, Database: not null })
            return FilePlan.Empty;
        var model = new { Volume, Mapping, KeyServerPath, Cipher = Cipher.Of(hive.Base.PiModel) };
        return new FilePlan
        {
            Entries =
            [
                KeyServer(encryption.Server, encryption.Thumbprint),
                PlannedFile.OfText("/usr/lib/w4b/database-volume", Template.Render("database-volume", model), PlanModes.Program),
                PlannedFile.OfText($"/etc/systemd/system/{Unit}", Template.Unit(Unit, model)),
                PlannedFile.OfText("/etc/systemd/system/var-lib-postgresql.mount", Template.Render("var-lib-postgresql.mount", new { Mapping, Unit })),
                PlannedFile.OfText($"/etc/systemd/system/dev-mapper-{Mapping}.device.d/10-w4b.conf", Template.Read("volume-device-drop-in")),
            ],
            Units = [new EnabledUnit(Unit)],
        };
    }

    /// <summary>The file that names a key server.</summary>
    /// <param name="url">Its URL.</param>
    /// <param name="thumbprint">Thumbprint of its signing key; null to trust whoever answers.</param>
    public static PlannedFile KeyServer(string url, string? thumbprint)
    {
        var pin = new Dictionary<string, string> { ["url"] = url.TrimEnd('/') };
        if (thumbprint is not null)
            pin["thp"] = thumbprint;
        return PlannedFile.OfText(KeyServerPath, JsonSerializer.Serialize(pin) + "\n");
    }

    /// <param name="Name">As cryptsetup(8) has it.</param>
    /// <param name="Bits">Size of its key.</param>
    private sealed record Cipher(string Name, int Bits)
    {
        // The processors of a Raspberry Pi 3 and 4 have no instructions for AES; Adiantum is made for such.
        public static Cipher Of(int piModel) => piModel >= 5 ? new Cipher("aes-xts-plain64", 512) : new Cipher("xchacha12,aes-adiantum-plain64", 256);
    }
}

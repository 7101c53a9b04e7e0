using System.Globalization;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>A package that a setting needs.</summary>
/// <param name="Name">Its name, or a pattern of apt's that finds it.</param>
/// <param name="Key">The setting.</param>
public sealed record RequiredPackage(string Name, string Key);

/// <summary>The Debian packages without which a configuration would have no effect: nobody need list them.</summary>
public static class RequiredPackages
{
    /// <summary>The packages for <paramref name="hive"/>. What the user lists of a kind, such as another build of TimescaleDB, stands in its place.</summary>
    public static IReadOnlyList<RequiredPackage> Of(HiveConfiguration hive)
    {
        List<RequiredPackage> packages = [];
        void Need(bool needed, string key, params string[] names)
        {
            if (needed)
                packages.AddRange(names.Select(name => new RequiredPackage(name, key)));
        }

        Need(hive.Vpn is not null, "security.vpn", "wireguard-tools");
        Need(hive.Firewall.Enabled, "security.firewall", "nftables");
        Need(hive.Ssh.Enabled, "system.ssh", "openssh-server");
        Need(hive.Monitoring is not null, "services.monitoring", "prometheus-node-exporter");
        Need(hive.Encryption is not null, "security.encryption", "clevis-luks", "cryptsetup-bin", "curl");
        Need(hive.Maintenance.MetricsRetention is not null, "maintenance.monitoring.metrics_retention", "sysstat");
        Need(hive.Maintenance.Updates is not null, "maintenance.updates", "unattended-upgrades");
        Need(hive.Software.NeedsPython, hive.Software.PythonPackages.Count > 0 ? "software.python_packages" : "software.python_requirements.file", "python3-pip", "python3-venv");
        // For growing the root partition: a base by URL need not have it.
        Need(hive.Base.Debian is null, "base_image.distribution", "fdisk");
        // Raspberry Pi OS has its own way.
        Need(hive.Base.Debian is not null, "base_image.distribution", "systemd-zram-generator");
        if (hive.Database is { } database)
            packages.AddRange(Database(database, hive.Software.Packages).Select(name => new RequiredPackage(name, "services.database.type")));
        return packages;
    }

    private static IEnumerable<string> Database(DatabaseConfiguration database, IReadOnlyList<string> listed)
    {
        var version = database.Version?.ToString(CultureInfo.InvariantCulture);
        if (!listed.Any(p => p.StartsWith("postgresql-", StringComparison.Ordinal) && p[11..].All(char.IsAsciiDigit)))
            yield return version is null ? "postgresql" : $"postgresql-{version}";
        // Debian's own package; the vendor's has another name.
        if (database.Timescale && !listed.Any(p => p.Contains("timescaledb", StringComparison.Ordinal)))
            yield return version is null ? "^postgresql-[0-9]+-timescaledb$" : $"postgresql-{version}-timescaledb";
    }
}

namespace W4b.Image.Configuration;

/// <summary>Everything a hive's image is made from: the model that <see cref="ConfigurationBuilder"/> makes and image.json holds.</summary>
/// <param name="HiveId">The hive's id, e.g. <c>hive_0Bpfj4cT</c>.</param>
/// <param name="Base">The base image.</param>
/// <param name="Software">What the software layer adds.</param>
/// <param name="System">Host name, time zone and the like.</param>
/// <param name="Ssh">The SSH server and who may log in.</param>
/// <param name="Accounts">People's accounts.</param>
/// <param name="Network">LAN and Wi-Fi.</param>
/// <param name="Firewall">What may come in.</param>
/// <param name="Vpn">The WireGuard tunnel; null when it is not set up.</param>
/// <param name="Encryption">The encrypted volume; null for none.</param>
/// <param name="SensorManager">The sensor manager; null for none.</param>
/// <param name="Monitoring">The node exporter; null for none.</param>
/// <param name="Database">The database; null for none.</param>
/// <param name="Maintenance">Backups and updates.</param>
/// <param name="Output">How the image is named and where it goes.</param>
/// <param name="Files">Files of the project's, written into this hive's image.</param>
/// <param name="Services">Units enabled by the project.</param>
/// <param name="EnvironmentFingerprint">Changes when a secret from outside of files does; tells nothing of it. Null when there is none.</param>
public sealed record HiveConfiguration(string HiveId, BaseImageConfiguration Base, SoftwareConfiguration Software,
    SystemConfiguration System, SshConfiguration Ssh, AccountsConfiguration Accounts, NetworkConfiguration Network,
    FirewallConfiguration Firewall, VpnConfiguration? Vpn, EncryptionConfiguration? Encryption,
    SensorManagerConfiguration? SensorManager, MonitoringConfiguration? Monitoring, DatabaseConfiguration? Database,
    MaintenanceConfiguration Maintenance, OutputConfiguration Output,
    IReadOnlyList<ProjectFile> Files, IReadOnlyList<string> Services, string? EnvironmentFingerprint = null)
{
    /// <summary>Severities of validation rules (<c>error</c>, <c>warning</c> or <c>none</c>) by the rules' ids or names; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ValidationRules { get; init; }
}

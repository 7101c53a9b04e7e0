namespace W4b.Image.Configuration;

/// <summary>Settings of the system.</summary>
/// <param name="Hostname">A legal host name of one label (RFC 1123).</param>
/// <param name="Timezone">Name in the tz database.</param>
/// <param name="Locale">Locale, e.g. <c>en_US.UTF-8</c>.</param>
/// <param name="Keyboard">XKB layout.</param>
/// <param name="TimeServers">NTP servers; none for the base's own.</param>
public sealed record SystemConfiguration(string Hostname, string Timezone, string Locale, string Keyboard, IReadOnlyList<string> TimeServers);

/// <summary>The SSH server.</summary>
/// <param name="Enabled">Whether it starts.</param>
/// <param name="Port">Its port, 1 to 65535.</param>
/// <param name="PasswordAuthentication">Whether passwords are accepted.</param>
/// <param name="AllowRoot">Whether root may log in by key.</param>
/// <param name="AuthorizedKeys">Public keys, one line each.</param>
/// <param name="HostKey">The server's private key; null when the device makes its own.</param>
public sealed record SshConfiguration(bool Enabled, int Port, bool PasswordAuthentication, bool AllowRoot, IReadOnlyList<string> AuthorizedKeys,
    Secret? HostKey);

/// <summary>People's accounts.</summary>
/// <param name="Administrators">Those who look after the hive.</param>
/// <param name="LocalAccess">The account for the device's own keyboard; null for none.</param>
public sealed record AccountsConfiguration(IReadOnlyList<Administrator> Administrators, LocalAccess? LocalAccess);

/// <summary>Who looks after the hive.</summary>
/// <param name="Username">Name of the account.</param>
/// <param name="Name">Full name; null when not told.</param>
/// <param name="Email">Address for mail; null when not told.</param>
/// <param name="Phone">Telephone number; null when not told.</param>
/// <param name="MayBecomeRoot">Whether the role is hive_admin.</param>
/// <param name="PublicKey">Public SSH key; null for none.</param>
public sealed record Administrator(string Username, string? Name, string? Email, string? Phone, bool MayBecomeRoot, string? PublicKey);

/// <summary>An account with a password.</summary>
/// <param name="Username">Its name.</param>
/// <param name="Password">Its password.</param>
/// <param name="SudoWithoutPassword">Whether it may become root without it.</param>
public sealed record LocalAccess(string Username, Secret Password, bool SudoWithoutPassword);

/// <summary>What the device does by itself, and when.</summary>
/// <param name="Backup">Backups of the database; null for none.</param>
/// <param name="Updates">Security updates; null for none.</param>
/// <param name="MetricsRetention">How long the device keeps metrics of its own; null for not at all.</param>
/// <param name="DetailedLogging">Whether services log in detail.</param>
public sealed record MaintenanceConfiguration(BackupConfiguration? Backup, UpdatesConfiguration? Updates, TimeSpan? MetricsRetention, bool DetailedLogging);

/// <summary>Backups of the database.</summary>
/// <param name="Interval">Time between them.</param>
/// <param name="Retention">How long they are kept.</param>
public sealed record BackupConfiguration(TimeSpan Interval, TimeSpan Retention);

/// <summary>Security updates.</summary>
/// <param name="Hour">Hour of the day, local time, 0 to 23.</param>
/// <param name="Days">Days on which they may be installed.</param>
public sealed record UpdatesConfiguration(int Hour, IReadOnlyList<DayOfWeek> Days);

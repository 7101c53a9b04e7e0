using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Accounts and what the device does by itself.</summary>
internal sealed partial class ConfigurationBuilder
{
    private SshConfiguration Ssh(string hiveId)
    {
        if (read.Flag("system.ssh.password_auth") == true)
            read.Warning(DiagnosticCode.PasswordLogin, "SSH accepts passwords.", "system.ssh.password_auth");
        return new(read.Flag("system.ssh.enabled") ?? true, read.WholeNumber("system.ssh.port") ?? 22,
            read.Flag("system.ssh.password_auth") ?? false, read.Flag("security.ssh.allow_root") ?? false,
            [.. new[] { read.Text("system.ssh.public_key"), read.Text("security.ssh.public_key") }
                .OfType<string>().Select(k => k.Trim()).Distinct(StringComparer.Ordinal)],
            HostKey(hiveId));
    }

    // Null: the device makes its own.
    private Secret? HostKey(string hiveId)
        => read.Text("system.ssh.host_keys") != "baked" ? null
            : read.Secret("security.ssh.private_key") ?? MadeKey(hiveId, "ssh_host_ed25519_key", "system.ssh.host_keys");

    private AccountsConfiguration Accounts()
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var administrators = new List<Administrator>();
        foreach (var key in read.Mappings("administrators"))
        {
            var name = read.Required($"{key}.username", "an administrator needs an account");
            Unique(seen, name, $"{key}.username", "account");
            if (name.Length > 0 && !read.IsSet($"{key}.public_key"))
                read.Warning(DiagnosticCode.NobodyLogsIn, $"The administrator {name} has no public_key and gets no account on the device.", $"{key}.username");
            administrators.Add(new Administrator(name, read.Text($"{key}.name"), read.Text($"{key}.email"), read.Text($"{key}.phone"),
                read.Text($"{key}.role") == "hive_admin", read.Text($"{key}.public_key")?.Trim()));
        }

        return new AccountsConfiguration(administrators, LocalAccess(seen));
    }

    private LocalAccess? LocalAccess(Dictionary<string, string> seen)
    {
        const string key = "security.local_access";
        if (!read.IsSet($"{key}.username") && !read.IsSet($"{key}.password"))
            return null;
        var name = read.Required($"{key}.username", "its password belongs to an account");
        Unique(seen, name, $"{key}.username", "account");
        if (!read.IsSet($"{key}.password"))
            read.Error(DiagnosticCode.MissingValue, $"{key}.password is missing: without one nobody could log in at the keyboard.", $"{key}.username");
        return read.Secret($"{key}.password") is { } password ? new LocalAccess(name, password, read.Flag($"{key}.sudo_without_password") ?? false) : null;
    }

    private MaintenanceConfiguration Maintenance()
    {
        const string key = "maintenance";
        var backup = read.Flag($"{key}.backup.enabled") == true
            ? new BackupConfiguration(Duration($"{key}.backup.interval", TimeSpan.FromSeconds(1)) ?? default, Duration($"{key}.backup.retention", TimeSpan.FromDays(1)) ?? default)
            : null;
        var days = read.List($"{key}.updates.allowed_days").Select(d => Values.ReadWeekday(d.Text)!.Value).Distinct().Order().ToList();
        var updates = read.Flag($"{key}.updates.auto_update") == true
            ? new UpdatesConfiguration(read.WholeNumber($"{key}.updates.update_hour") ?? 0, days.Count > 0 ? days : Enum.GetValues<DayOfWeek>())
            : null;
        return new MaintenanceConfiguration(backup, updates, Duration($"{key}.monitoring.metrics_retention", TimeSpan.FromDays(1)),
            read.Flag($"{key}.monitoring.enable_detailed_logging") ?? false);
    }

    private TimeSpan? Duration(string key, TimeSpan unit) => read.Text(key) is { } text ? Values.ReadDuration(text, unit) : null;

    // Of two equal names the second is the mistake.
    private void Unique(Dictionary<string, string> seen, string name, string key, string what)
    {
        if (name.Length == 0 || seen.TryAdd(name, key))
            return;
        var first = read.Place(seen[name]);
        read.Error(DiagnosticCode.InvalidValue, $"{key}: the {what} {name} is there already, at {Path.GetFileName(first.File)}({first.Line},{first.Column}).", key);
    }
}

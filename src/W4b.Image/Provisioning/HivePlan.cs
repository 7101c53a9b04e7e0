using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Provisioning;

/// <summary>A hive's configuration as a plan: identity, system, users, SSH and the project's own files. WireGuard has <see cref="WireGuardPlan"/>.</summary>
public static class HivePlan
{
    /// <summary>The account that the hive's SSH keys open.</summary>
    public const string Administrator = "w4b";

    /// <summary>The plan for <paramref name="hive"/>.</summary>
    /// <param name="hive">The configuration.</param>
    /// <param name="readFile">Gives the bytes of a <see cref="ProjectFile.Source"/> and its permission bits: the only input that is no value.</param>
    public static FilePlan Create(HiveConfiguration hive, Func<string, (ReadOnlyMemory<byte> Content, UnixFileMode Mode)> readFile)
        => Identity(hive).With(Locale(hive.System)).With(Ssh(hive.Ssh)).With(SensorConfigPlan.Create(hive)).With(ProjectItems(hive, readFile));

    private static FilePlan Identity(HiveConfiguration hive) => new(
    [
        PlannedFile.OfText("/etc/hostname", hive.System.Hostname + "\n"),
        PlannedFile.OfText("/etc/hosts", Template.Render("hosts", hive.System)),
        new PlannedDirectory("/etc/w4b", PlanModes.PublicFolder),
        PlannedFile.OfText("/etc/w4b/env", Template.Render("w4b-env", new { hive.HiveId, hive.Base.PiModel, hive.System, hive.Vpn })),
    ], [], []);

    private static FilePlan Locale(SystemConfiguration system) => new(
    [
        new PlannedLink("/etc/localtime", $"/usr/share/zoneinfo/{system.Timezone}"),
        PlannedFile.OfText("/etc/timezone", system.Timezone + "\n"),
        // systemd reads the first, PAM the second; on newer releases one is a link to the other.
        PlannedFile.OfText("/etc/locale.conf", $"LANG={system.Locale}\n"),
        PlannedFile.OfText("/etc/default/locale", $"LANG={system.Locale}\n"),
        PlannedFile.OfText("/etc/default/keyboard", Template.Render("keyboard", system)),
    ], [], []);

    private static FilePlan Ssh(SshConfiguration ssh)
    {
        List<PlanEntry> entries = [PlannedFile.OfText("/etc/ssh/sshd_config.d/10-w4b.conf", Template.Render("sshd", ssh))];
        if (!ssh.Enabled)
        {
            // Masked: nothing, a package's update neither, starts it again.
            entries.Add(new PlannedLink("/etc/systemd/system/ssh.service", "/dev/null"));
            entries.Add(new PlannedLink("/etc/systemd/system/ssh.socket", "/dev/null"));
            return new FilePlan(entries, [], []);
        }

        var users = new List<PlannedUser>();
        if (ssh.AuthorizedKeys.Count > 0)
        {
            var keys = string.Concat(ssh.AuthorizedKeys.Select(k => k + "\n"));
            var home = $"/home/{Administrator}";
            users.Add(new PlannedUser(Administrator, "W4B administrator", home, "/bin/bash", ["sudo"]));
            entries.Add(new PlannedDirectory(home, PlanModes.PrivateFolder, Administrator, Administrator));
            entries.Add(new PlannedDirectory($"{home}/.ssh", PlanModes.PrivateFolder, Administrator, Administrator));
            entries.Add(PlannedFile.OfText($"{home}/.ssh/authorized_keys", keys, PlanModes.PrivateFile, Administrator, Administrator));
            // The account has no password, so sudo cannot ask for one.
            entries.Add(PlannedFile.OfText("/etc/sudoers.d/010-w4b", $"{Administrator} ALL=(ALL) NOPASSWD: ALL\n", PlanModes.SudoersFile));
            if (ssh.AllowRoot)
            {
                entries.Add(new PlannedDirectory("/root/.ssh", PlanModes.PrivateFolder));
                entries.Add(PlannedFile.OfText("/root/.ssh/authorized_keys", keys, PlanModes.PrivateFile));
            }
        }

        // The host keys are the device's own, made when it first starts.
        entries.Add(PlannedFile.OfText("/etc/systemd/system/w4b-ssh-host-keys.service", Template.Read("w4b-ssh-host-keys")));
        return new FilePlan(entries, users, [new EnabledUnit("w4b-ssh-host-keys.service"), new EnabledUnit("ssh.service", "openssh-server")]);
    }

    private static FilePlan ProjectItems(HiveConfiguration hive, Func<string, (ReadOnlyMemory<byte> Content, UnixFileMode Mode)> readFile)
        => new([.. hive.Files.Select(file => ProjectFile(file, readFile))], [],
            [.. hive.Services.Select(s => new EnabledUnit(s.Contains('.', StringComparison.Ordinal) ? s : s + ".service"))]);

    private static PlannedFile ProjectFile(ProjectFile file, Func<string, (ReadOnlyMemory<byte> Content, UnixFileMode Mode)> readFile)
    {
        if (!file.TargetPath.StartsWith('/') || file.TargetPath.EndsWith('/'))
            throw DiagnosticCode.PlanNotApplicable.Error($"The TargetPath \"{file.TargetPath}\" of {file.Source} is no absolute path of a file.");
        var (content, mode) = readFile(file.Source);
        if (file.Mode is not null)
            mode = PlanModes.Parse(file.Mode)
                ?? throw DiagnosticCode.PlanNotApplicable.Error($"The Mode \"{file.Mode}\" of {file.Source} is not octal, such as 0644.");
        var owner = (file.Owner ?? "root").Split(':', 2);
        return new PlannedFile(file.TargetPath, content, mode, owner[0], owner.ElementAtOrDefault(1) ?? owner[0]);
    }
}

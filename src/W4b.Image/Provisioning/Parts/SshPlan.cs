using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>The SSH server; who may log in is <see cref="AccountsPlan"/>'s matter.</summary>
internal static class SshPlan
{
    public static FilePlan Create(PlanInputs inputs)
    {
        var ssh = inputs.Hive.Ssh;
        var settings = PlannedFile.OfText("/etc/ssh/sshd_config.d/10-w4b.conf", Template.Render("sshd", ssh));
        if (!ssh.Enabled)
            return new FilePlan
            {
                // Masked: nothing, a package's update neither, starts it again.
                Entries = [settings, new PlannedLink("/etc/systemd/system/ssh.service", "/dev/null"), new PlannedLink("/etc/systemd/system/ssh.socket", "/dev/null")],
            };
        if (ssh.HostKey is { } secret)
        {
            var key = inputs.Resolve(secret) + "\n";
            return new FilePlan
            {
                Entries =
                [
                    settings, PlannedFile.OfText("/etc/ssh/ssh_host_ed25519_key", key, PlanModes.PrivateFile),
                    PlannedFile.OfText("/etc/ssh/ssh_host_ed25519_key.pub", SshHostKey.PublicOf(key, inputs.Hive.System.Hostname) + "\n"),
                ],
                Units = [new EnabledUnit("ssh.service", "openssh-server")],
            };
        }

        return new FilePlan
        {
            // The host key is the device's own, made when it first starts.
            Entries = [settings, PlannedFile.OfText("/etc/systemd/system/w4b-ssh-host-keys.service", Template.Unit("w4b-ssh-host-keys.service"))],
            Units = [new EnabledUnit("w4b-ssh-host-keys.service"), new EnabledUnit("ssh.service", "openssh-server")],
        };
    }
}

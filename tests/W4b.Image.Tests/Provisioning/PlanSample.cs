using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Configuration;

namespace W4b.Image.Tests.Provisioning;

/// <summary>Plans of configurations in YAML, with stand-ins for what would be read: a secret's value is its place.</summary>
internal static class PlanSample
{
    /// <summary>The packages of a layer on a Debian base.</summary>
    public static readonly string[] Debian = ["console-setup", "nftables", "openssh-server", "postgresql-17", "systemd-resolved", "wpasupplicant"];

    /// <summary>Those of one on Raspberry Pi OS.</summary>
    public static readonly string[] RaspberryPiOs = ["console-setup", "network-manager", "raspberrypi-sys-mods", "userconf-pi", "postgresql-15"];

    public static PlanInputs Inputs(HiveConfiguration hive, params string[] packages)
        => new(hive, new LayerFacts("layer", packages.ToHashSet()), secret => $"<{Path.GetFileName(secret.Reference)}>", _ => throw new InvalidOperationException("no project files"));

    public static FilePlan Plan(string yaml, params string[] packages) => Plan(TestHive.Read(yaml), packages);

    public static FilePlan Plan(HiveConfiguration hive, params string[] packages) => HivePlan.Create(Inputs(hive, packages.Length == 0 ? Debian : packages));

    public static string Text(this FilePlan plan, string path) => Encoding.UTF8.GetString(plan.File(path).Content.Span);

    public static PlannedFile File(this FilePlan plan, string path) => Assert.Single(plan.Entries.OfType<PlannedFile>(), f => f.Path == path);

    /// <summary>All of it as text, to be compared with what is checked in.</summary>
    public static string Describe(FilePlan plan)
    {
        var text = new StringBuilder();
        foreach (var group in plan.Groups)
            text.Append("group ").Append(group).Append('\n');
        foreach (var user in plan.Users)
            text.Append("user ").Append(user).Append(user.PasswordHash is null ? "" : " with a password").Append('\n');
        foreach (var unit in plan.Units)
            text.Append("unit ").Append(unit.Name).Append('\n');
        text.Append(plan.LocksPasswords ? "passwords of the base are locked\n" : "");
        foreach (var entry in plan.Entries)
        {
            text.Append('\n').Append(entry).Append('\n');
            var content = entry switch
            {
                PlannedFile file => Encoding.UTF8.GetString(file.Content.Span),
                PlannedBootLines lines => lines.Text,
                _ => "",
            };
            foreach (var line in content.TrimEnd('\n').Split('\n').Where(_ => content.Length > 0))
                text.Append(line.Length == 0 ? "" : "    " + line).Append('\n');
        }

        return text.ToString();
    }
}

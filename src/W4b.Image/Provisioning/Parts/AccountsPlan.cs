using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Who may log in: by key from afar, by password only at the device's own keyboard unless SSH is told otherwise.</summary>
internal static class AccountsPlan
{
    /// <summary>The account that the hive's own SSH keys open.</summary>
    public const string Keeper = "w4b";

    private const string Shell = "/bin/bash";

    public static FilePlan Create(PlanInputs inputs)
    {
        var (ssh, accounts) = (inputs.Hive.Ssh, inputs.Hive.Accounts);
        var plan = new FilePlan { LocksPasswords = true };
        if (ssh is { Enabled: true, AuthorizedKeys.Count: > 0 })
        {
            plan = plan.With(Person(Keeper, "W4B administrator", ["sudo"], ssh.AuthorizedKeys));
            if (ssh.AllowRoot)
                plan = plan.With(AuthorizedKeys("root", "/root", ssh.AuthorizedKeys));
        }

        // Without a key nobody could log in.
        var people = accounts.Administrators.Where(a => a.PublicKey is not null).ToList();
        plan = people.Aggregate(plan, (all, person) => all.With(Person(person.Username, person.Name ?? "",
            person.MayBecomeRoot ? ["sudo"] : ["adm", "systemd-journal"], [person.PublicKey!])));
        if (accounts.LocalAccess is { } local)
            plan = plan.With(Local(local, inputs));

        // Those who have no password cannot be asked for one.
        var withoutPassword = plan.Users.Where(u => u.Groups.Contains("sudo") && (u.PasswordHash is null || accounts.LocalAccess!.SudoWithoutPassword)).ToList();
        return withoutPassword.Count == 0 ? plan : plan.With(new FilePlan
        {
            Entries = [PlannedFile.OfText("/etc/sudoers.d/010-w4b", string.Concat(withoutPassword.Select(u => $"{u.Name} ALL=(ALL) NOPASSWD: ALL\n")), PlanModes.SudoersFile)],
        });
    }

    private static FilePlan Person(string name, string comment, IReadOnlyList<string> groups, IReadOnlyList<string> keys)
        => Home(new PlannedUser(name, Comment(comment), $"/home/{name}", Shell, groups)).With(AuthorizedKeys(name, $"/home/{name}", keys));

    // A yescrypt hash: the image never has the password.
    private static FilePlan Local(LocalAccess local, PlanInputs inputs)
        => Home(new PlannedUser(local.Username, "Local access", $"/home/{local.Username}", Shell, ["sudo"])
        {
            PasswordHash = PasswordHash.Yescrypt(inputs.Resolve(local.Password), inputs.Hive.HiveId),
        });

    private static FilePlan Home(PlannedUser user) => new()
    {
        Users = [user],
        Entries = [new PlannedDirectory(user.Home, PlanModes.PrivateFolder, user.Name, user.Name)],
    };

    private static FilePlan AuthorizedKeys(string user, string home, IReadOnlyList<string> keys) => new()
    {
        Entries =
        [
            new PlannedDirectory($"{home}/.ssh", PlanModes.PrivateFolder, user, user),
            PlannedFile.OfText($"{home}/.ssh/authorized_keys", string.Concat(keys.Select(k => k + "\n")), PlanModes.PrivateFile, user, user),
        ],
    };

    // passwd(5) is separated by colons, its comment by commas.
    private static string Comment(string name) => new([.. name.Where(c => c is not (':' or ',') && !char.IsControl(c))]);
}

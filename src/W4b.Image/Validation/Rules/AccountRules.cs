using System.Globalization;
using W4b.Image.Disk;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Rules;

/// <summary>Who is on the device, and that nobody gets in by a guess.</summary>
internal static class AccountRules
{
    // Debian Policy 9.2.2: ordinary accounts.
    private const uint FirstPerson = 1000;
    private const uint LastPerson = 59999;

    // What images are delivered with, and what somebody who knows this project would try first.
    private static readonly string[] Guesses = ["raspberry", "pi", "password", "admin", "changeme", "w4b", "we4bee"];

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR014", "accounts", RuleSeverity.Error, "Accounts are whole: unique, with group, shadow line, shell and home",
                "Somebody whose shell or home is missing cannot log in; two accounts of one id are the same person to the system.",
                "Correct the script or package that made the account named."), Accounts),
        new(new RuleInfo("W4BR015", "passwords", RuleSeverity.Error, "No account has an empty, default or guessable password",
                "Devices with known passwords are found and taken over within minutes of being reachable.",
                "Give another password, or none: public keys open an account without one."), Passwords),
    ];

    private static IEnumerable<RuleFinding> Accounts(RuleSubject subject)
    {
        const string file = "/etc/passwd";
        var (passwd, shadow, group) = (subject.Accounts.Passwd, subject.Accounts.Shadow, subject.Accounts.Group);
        if (passwd.Count == 0)
        {
            yield return new RuleFinding("/etc/passwd is missing or empty.");
            yield break;
        }

        foreach (var line in passwd.Where(f => f.Length != 7 || !uint.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            yield return new RuleFinding($"A line of /etc/passwd is none: it begins with \"{line[0]}\".", file);
        var accounts = passwd.Where(f => f.Length == 7 && uint.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(f => (Name: f[0], Id: uint.Parse(f[2], CultureInfo.InvariantCulture), Group: f[3], Home: f[5], Shell: f[6])).ToList();
        foreach (var same in accounts.GroupBy(a => a.Name).Where(g => g.Count() > 1))
            yield return new RuleFinding($"The account {same.Key} is there {same.Count()} times.", file);
        foreach (var same in accounts.GroupBy(a => a.Id).Where(g => g.Select(a => a.Name).Distinct().Count() > 1))
            yield return new RuleFinding($"The accounts {string.Join(" and ", same.Select(a => a.Name).Distinct())} have the same id {same.Key}.", file);

        var groups = group.Where(f => f.Length > 2).Select(f => f[2]).ToHashSet(StringComparer.Ordinal);
        var shadowed = shadow.Select(f => f[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var account in accounts)
        {
            if (!groups.Contains(account.Group))
                yield return new RuleFinding($"The group {account.Group} of the account {account.Name} is missing.", file);
            if (!shadowed.Contains(account.Name))
                yield return new RuleFinding($"The account {account.Name} has no line in /etc/shadow.", file);
            // Of the system's own accounts many have none.
            if (account.Id is not 0 and (< FirstPerson or > LastPerson))
                continue;
            if (account.Shell.Length > 0 && !Units.IsProgram(subject.Root, account.Shell))
                yield return new RuleFinding($"The shell {account.Shell} of the account {account.Name} is missing.", file);
            if (account.Id != 0 && subject.Root.Find(account.Home) is not { Type: Ext4FileType.Directory })
                yield return new RuleFinding($"The home {account.Home} of the account {account.Name} is missing.", file);
        }

        foreach (var (name, wanted) in subject.Plan?.Users.SelectMany(u => u.Groups.Select(g => (u.Name, Group: g))) ?? [])
            if (!group.Any(f => f.Length > 3 && f[0] == wanted && f[3].Split(',').Contains(name)))
                yield return new RuleFinding($"The account {name} is not in the group {wanted}.", "/etc/group");
    }

    private static IEnumerable<RuleFinding> Passwords(RuleSubject subject)
    {
        var hostname = subject.Root.Find("/etc/hostname") is null ? [] : new[] { subject.Root.ReadAllText("/etc/hostname").Trim() };
        foreach (var (name, hash) in subject.Accounts.Shadow.Where(f => f.Length > 1).Select(f => (f[0], f[1]))
                     // passwd(5): a hash may stand there too, and an empty field is no password.
                     .Concat(subject.Accounts.Passwd.Where(f => f.Length > 1 && f[1] != "x").Select(f => (f[0], f[1]))))
        {
            if (hash.Length == 0)
                yield return new RuleFinding($"The account {name} is open to everybody: its password is empty.", "/etc/shadow");
            else if (hash[0] is not ('*' or '!') && Guesses.Append(name).Concat(hostname).Distinct().Any(guess => PasswordHash.Matches(guess, hash)))
                yield return new RuleFinding($"The password of the account {name} is one of the first that anybody would try.", "/etc/shadow");
        }
    }
}

using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Provisioning;

/// <summary>The account files of an image as texts: passwd(5), shadow(5), group(5), gshadow(5). Pure.</summary>
/// <param name="Passwd">Text of /etc/passwd.</param>
/// <param name="Shadow">Text of /etc/shadow.</param>
/// <param name="Group">Text of /etc/group.</param>
/// <param name="Gshadow">Text of /etc/gshadow; null when the image has none.</param>
public sealed record AccountDatabase(string Passwd, string Shadow, string Group, string? Gshadow)
{
    // Debian Policy 9.2.2: ordinary accounts.
    private const int FirstId = 1000;
    private const int LastId = 59999;
    private const int FirstSystemId = 100;
    private const int LastSystemId = 999;

    /// <summary>The user's id, or null.</summary>
    public uint? UserId(string name) => Id(Passwd, name);

    /// <summary>The group's id, or null.</summary>
    public uint? GroupId(string name) => Id(Group, name);

    /// <summary>The database with <paramref name="user"/>: added when missing, given its shell and made a member of the groups in any case.</summary>
    /// <param name="user">The account.</param>
    /// <param name="day">Day of the last password change, in days since 1970, for shadow(5).</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/>: a group does not exist.</exception>
    public AccountDatabase With(PlannedUser user, long day)
    {
        var result = this;
        if (UserId(user.Name) is null)
        {
            var id = FreeId(user.System);
            var group = result.GroupId(user.Name);
            if (group is null)
                result = result.WithGroup(user.Name, id);
            result = result with
            {
                Passwd = Append(result.Passwd, $"{user.Name}:x:{id}:{group ?? id}:{user.Comment}:{user.Home}:{user.Shell}"),
                // "*": no password opens it, but keys do ("!" would lock keys out too where PAM is off).
                Shadow = Append(result.Shadow, string.Create(CultureInfo.InvariantCulture, $"{user.Name}:*:{day}:0:99999:7:::")),
            };
        }

        else if (!user.System)
        {
            // The first user of Raspberry Pi OS is there from the start, with a shell that lets nobody in.
            result = result with { Passwd = MapLines(result.Passwd, fields => fields[0] == user.Name && fields.Length > 6 ? [.. fields[..6], user.Shell] : fields) };
        }

        if (user.PasswordHash is { } hash)
            result = result with { Shadow = WithHash(result.Shadow, user.Name, hash) };
        return user.Groups.Aggregate(result, (database, group) => database.WithMember(group, user.Name));
    }

    /// <summary>The database with the group <paramref name="name"/>, one of the system's; unchanged when it is there.</summary>
    public AccountDatabase WithSystemGroup(string name) => GroupId(name) is null ? WithGroup(name, FreeId(system: true)) : this;

    /// <summary>The database in which no password opens an account.</summary>
    public AccountDatabase WithoutPasswords() => this with
    {
        Shadow = MapLines(Shadow, fields => fields.Length < 2 || fields[1].StartsWith('*') || fields[1].StartsWith('!')
            ? fields : [fields[0], "*", .. fields[2..]]),
    };

    private AccountDatabase WithGroup(string name, uint id) => this with
    {
        Group = Append(Group, $"{name}:x:{id}:"),
        Gshadow = Gshadow is null ? null : Append(Gshadow, $"{name}:!::"),
    };

    private AccountDatabase WithMember(string group, string user)
    {
        if (GroupId(group) is null)
            throw DiagnosticCode.PlanPrerequisiteMissing.Error($"The image has no group {group} for the user {user} (package {group}).");
        return this with
        {
            Group = AddToLast(Group, group, user),
            Gshadow = Gshadow is null ? null : AddToLast(Gshadow, group, user),
        };
    }

    private uint FreeId(bool system)
    {
        var used = Passwd.Split('\n').Concat(Group.Split('\n'))
            .Select(line => line.Split(':')).Where(f => f.Length > 2)
            .Select(f => uint.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).ToHashSet();
        // As adduser(8) does: people's ids from below, the system's from above, where packages installed later begin at the other end.
        var ids = system ? Enumerable.Range(FirstSystemId, LastSystemId - FirstSystemId + 1).Reverse() : Enumerable.Range(FirstId, LastId - FirstId + 1);
        return (uint)ids.First(id => !used.Contains((uint)id));
    }

    private static uint? Id(string text, string name)
        => text.Split('\n').Select(line => line.Split(':')).Where(f => f.Length > 2 && f[0] == name)
            .Select(f => (uint?)uint.Parse(f[2], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static string Append(string text, string line)
        => (text.Length == 0 || text.EndsWith('\n') ? text : text + "\n") + line + "\n";

    private static string WithHash(string shadow, string user, string hash)
        => MapLines(shadow, fields => fields[0] == user && fields.Length > 1 ? [user, hash, .. fields[2..]] : fields);

    // The members are the last field of both group files.
    private static string AddToLast(string text, string group, string user)
        => MapLines(text, fields =>
        {
            if (fields[0] != group || fields.Length < 4)
                return fields;
            var members = fields[^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
            return members.Contains(user) ? fields : [.. fields[..^1], string.Join(',', members.Append(user))];
        });

    private static string MapLines(string text, Func<string[], string[]> map)
        => string.Join('\n', text.Split('\n').Select(line => string.Join(':', map(line.Split(':')))));
}

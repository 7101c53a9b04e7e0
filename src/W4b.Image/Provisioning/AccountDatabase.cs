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

    /// <summary>The user's id, or null.</summary>
    public uint? UserId(string name) => Id(Passwd, name);

    /// <summary>The group's id, or null.</summary>
    public uint? GroupId(string name) => Id(Group, name);

    /// <summary>The database with <paramref name="user"/>: added when missing, made a member of the groups in any case.</summary>
    /// <param name="user">The account.</param>
    /// <param name="day">Day of the last password change, in days since 1970, for shadow(5).</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/>: a group does not exist.</exception>
    public AccountDatabase With(PlannedUser user, long day)
    {
        var result = this;
        if (UserId(user.Name) is null)
        {
            var id = FreeId();
            var group = result.GroupId(user.Name);
            if (group is null)
                result = result with
                {
                    Group = Append(result.Group, $"{user.Name}:x:{id}:"),
                    Gshadow = result.Gshadow is null ? null : Append(result.Gshadow, $"{user.Name}:!::"),
                };
            result = result with
            {
                Passwd = Append(result.Passwd, $"{user.Name}:x:{id}:{group ?? id}:{user.Comment}:{user.Home}:{user.Shell}"),
                // "*": no password opens it, but keys do ("!" would lock keys out too where PAM is off).
                Shadow = Append(result.Shadow, string.Create(CultureInfo.InvariantCulture, $"{user.Name}:*:{day}:0:99999:7:::")),
            };
        }

        return user.Groups.Aggregate(result, (database, group) => database.WithMember(group, user.Name));
    }

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

    private uint FreeId()
    {
        var used = Passwd.Split('\n').Concat(Group.Split('\n'))
            .Select(line => line.Split(':')).Where(f => f.Length > 2)
            .Select(f => uint.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).ToHashSet();
        return (uint)Enumerable.Range(FirstId, LastId - FirstId + 1).First(id => !used.Contains((uint)id));
    }

    private static uint? Id(string text, string name)
        => text.Split('\n').Select(line => line.Split(':')).Where(f => f.Length > 2 && f[0] == name)
            .Select(f => (uint?)uint.Parse(f[2], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static string Append(string text, string line)
        => (text.Length == 0 || text.EndsWith('\n') ? text : text + "\n") + line + "\n";

    // The members are the last field of both group files.
    private static string AddToLast(string text, string group, string user)
        => string.Join('\n', text.Split('\n').Select(line =>
        {
            var fields = line.Split(':');
            if (fields[0] != group || fields.Length < 4)
                return line;
            var members = fields[^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
            return members.Contains(user) ? line : string.Join(':', fields[..^1]) + ":" + string.Join(',', members.Append(user));
        }));
}

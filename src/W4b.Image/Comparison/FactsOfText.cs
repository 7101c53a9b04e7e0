using System.Text.RegularExpressions;

namespace W4b.Image.Comparison;

/// <summary>Facts out of the texts of an image's own databases. Pure.</summary>
internal static partial class FactsOfText
{
    /// <summary>Installed packages of <c>/var/lib/dpkg/status</c>: <c>name:architecture</c> and version.</summary>
    public static IReadOnlyDictionary<string, string> Packages(string dpkgStatus)
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var stanza in dpkgStatus.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = stanza.Split('\n').Where(l => l.Length > 0 && l[0] != ' ').Select(l => l.Split(": ", 2)).Where(f => f.Length == 2)
                .ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
            if (fields.GetValueOrDefault("Status", "").EndsWith(" installed", StringComparison.Ordinal))
                packages[$"{fields["Package"]}:{fields["Architecture"]}"] = fields["Version"];
        }

        return packages;
    }

    /// <summary>Accounts and groups. Of a password only what it is: a hash would help to guess it.</summary>
    public static IReadOnlyDictionary<string, string> Users(string passwd, string shadow, string group)
    {
        var passwords = Lines(shadow).Where(f => f.Length > 1).ToDictionary(f => f[0], f => Password(f[1]), StringComparer.Ordinal);
        var users = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var f in Lines(passwd).Where(f => f.Length >= 7))
            users[f[0]] = $"{f[2]}:{f[3]}, {f[5]}, {f[6]}, {passwords.GetValueOrDefault(f[0], "no password entry")}";
        foreach (var f in Lines(group).Where(f => f.Length >= 4))
            users["group " + f[0]] = f[3].Length == 0 ? f[2] : $"{f[2]}, {f[3].Replace(",", " ", StringComparison.Ordinal)}";
        return users;
    }

    /// <summary>Units that links below <c>/etc/systemd/system</c> start or mask.</summary>
    /// <param name="links">Links of the image: path and target.</param>
    public static IReadOnlyDictionary<string, string> Units(IEnumerable<KeyValuePair<string, string>> links)
    {
        var units = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var (path, target) in links)
        {
            if (UnitLink().Match(path) is not { Success: true } link)
                continue;
            var by = link.Groups["by"].Value;
            var state = by.Length > 0 ? $"started by {by}" : target == "/dev/null" ? "masked" : $"alias of {target[(target.LastIndexOf('/') + 1)..]}";
            if (!units.TryGetValue(link.Groups["unit"].Value, out var states))
                units[link.Groups["unit"].Value] = states = new SortedSet<string>(StringComparer.Ordinal);
            states.Add(state);
        }

        return units.ToDictionary(u => u.Key, u => string.Join(", ", u.Value), StringComparer.Ordinal);
    }

    /// <summary>Ports that a rule set of nft(8) accepts: <c>tcp 22</c>, and what else the rule asks for.</summary>
    public static IReadOnlyDictionary<string, string> Ports(string ruleSet)
    {
        var ports = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var line in ruleSet.Split('\n').Select(l => l.Split('#')[0].Trim()))
        {
            if (PortRule().Match(line) is not { Success: true } rule)
                continue;
            var condition = string.Join(' ', new[] { rule.Groups["before"].Value, rule.Groups["after"].Value }.Select(t => t.Trim()).Where(t => t.Length > 0));
            foreach (var port in rule.Groups["ports"].Value.Trim('{', '}', ' ').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var key = $"{rule.Groups["protocol"].Value} {port}";
                if (!ports.TryGetValue(key, out var conditions))
                    ports[key] = conditions = new SortedSet<string>(StringComparer.Ordinal);
                conditions.Add(condition.Length == 0 ? "from everywhere" : condition);
            }
        }

        return ports.ToDictionary(p => p.Key, p => string.Join("; ", p.Value), StringComparer.Ordinal);
    }

    private static string Password(string field) => field switch
    {
        "" => "no password needed",
        _ when field[0] is '!' or '*' => "no password login",
        _ => "a password",
    };

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n').Where(l => l.Length > 0).Select(l => l.Split(':'));

    [GeneratedRegex(@"^/etc/systemd/system/(?:(?<by>[^/]+)\.(?:wants|requires|upholds)/)?(?<unit>[^/]+)$")]
    private static partial Regex UnitLink();

    [GeneratedRegex(@"^(?<before>.*?)\b(?<protocol>tcp|udp) dport (?<ports>\{[^}]*\}|\S+)(?<after>.*?)\b(?:accept|(?:jump|goto) \S+)")]
    private static partial Regex PortRule();
}

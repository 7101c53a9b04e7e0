using System.Globalization;
using System.Net;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Validation.Rules;

/// <summary>What is reachable, from where, and how.</summary>
internal static class NetworkRules
{
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR019", "ssh", RuleSeverity.Error, "The SSH server is set as configured, and never open to everybody",
                "The SSH server is the device's front door; another file's setting may win over the configured one.",
                "Remove the setting named from the other file in /etc/ssh."), Ssh),
        new(new RuleInfo("W4BR020", "firewall", RuleSeverity.Error, "The firewall's rules are ones that the kernel takes (nft)",
                "Rules with one mistake are not loaded at all: the device is then open.",
                "Correct the file named; nft --check --file says the line."), FirewallAsync),
        new(new RuleInfo("W4BR021", "wireguard", RuleSeverity.Error, "WireGuard's files are ones that wg-quick takes",
                "A tunnel that does not start cuts the hive off from its hub.",
                "Correct security.vpn, or the file that security.vpn.config names."), WireGuard),
    ];

    private static RuleOutcome Ssh(RuleSubject subject)
    {
        if (SshSettings.Read(subject.Root) is not { } settings)
            return RuleOutcome.DoesNotApply("the image has no SSH server");
        return RuleOutcome.Of(Check());

        IEnumerable<RuleFinding> Check()
        {
            RuleFinding? Expect(string key, string standard, string expected)
                => settings.Find(key, standard) is var (value, file) && !value.Equals(expected, StringComparison.OrdinalIgnoreCase)
                    ? new RuleFinding($"{key} is {value}{(file is null ? " by default" : $" by {file}")}, expected is {expected}.", file) : null;

            List<RuleFinding?> findings = [Expect("PermitEmptyPasswords", "no", "no")];
            if (subject.Hive?.Ssh is { Enabled: true } ssh)
            {
                findings.Add(Expect("PasswordAuthentication", "yes", ssh.PasswordAuthentication ? "yes" : "no"));
                findings.Add(Expect("Port", "22", ssh.Port.ToString(CultureInfo.InvariantCulture)));
            }

            if (subject.Hive?.Ssh.AllowRoot != true && settings.Find("PermitRootLogin", "prohibit-password") is ("yes", var at)
                && settings.Find("PasswordAuthentication", "yes").Value == "yes")
                findings.Add(new RuleFinding("Root may log in with a password.", at));
            return findings.OfType<RuleFinding>();
        }
    }

    // Asked of this host's own nft and kernel, in a network of their own.
    private static async Task<RuleOutcome> FirewallAsync(RuleSubject subject, CancellationToken cancellation)
    {
        const string path = FirewallPlan.Path;
        if (subject.Root.Find(path) is not { Type: Ext4FileType.RegularFile })
            return RuleOutcome.DoesNotApply("the image has no firewall");
        if (HostTool.Nft.Find() is not { } nft)
            return RuleOutcome.DoesNotApply($"this host has no {HostTool.Nft.Name} (Debian package {HostTool.Nft.Package})");
        var rules = subject.Root.ReadAllBytes(path);
        var options = new SandboxOptions { OwnNetwork = true, Environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" } };
        var result = await SandboxRunner.RunAsync(options, nft, ["--check", "--file", "-"], subject.Log, cancellation,
            input: async (stream, token) => await stream.WriteAsync(rules, token).ConfigureAwait(false)).ConfigureAwait(false);
        // A kernel without nf_tables can take no rules at all, right ones neither. The image's own nft would be no help: run here it asks the same kernel.
        return result.ExitCode == 0 ? RuleOutcome.Of([])
            : result.Output.Contains("Unable to initialize Netlink socket", StringComparison.Ordinal) || result.Output.Contains("cache initialization failed", StringComparison.Ordinal)
                ? RuleOutcome.DoesNotApply("this host's kernel has no nf_tables; the boot test loads the rules")
                : RuleOutcome.Of([new RuleFinding($"nft refuses {path}: {result.Output.Trim()}", path)]);
    }

    private static RuleOutcome WireGuard(RuleSubject subject)
    {
        var root = subject.Root;
        List<Ext4Entry> files = root.Find("/etc/wireguard") is { Type: Ext4FileType.Directory } folder
            ? [.. root.Children(folder).Where(e => e.Type == Ext4FileType.RegularFile && e.Path.EndsWith(".conf", StringComparison.Ordinal))] : [];
        return files.Count == 0 ? RuleOutcome.DoesNotApply("the image has no tunnel")
            : RuleOutcome.Of(files.SelectMany(f => WireGuardText.Problems(root.ReadAllText(f.Path)).Select(p => new RuleFinding($"{f.Path}: {p}", f.Path))));
    }
}

/// <summary>The settings of an image's SSH server: of each the first that stands counts, sshd_config(5).</summary>
internal sealed class SshSettings
{
    private const string Main = "/etc/ssh/sshd_config";
    private readonly Dictionary<string, (string Value, string File)> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads them; null when there is no server.</summary>
    public static SshSettings? Read(Ext4FileSystem root)
    {
        if (root.Find(Main) is not { Type: Ext4FileType.RegularFile })
            return null;
        var settings = new SshSettings();
        settings.Add(root, Main, depth: 0);
        return settings;
    }

    /// <summary>A value and the file that sets it; the server's own, and no file, when none does.</summary>
    public (string Value, string? File) Find(string key, string standard) => _values.TryGetValue(key, out var value) ? (value.Value, value.File) : (standard, null);

    private void Add(Ext4FileSystem root, string path, int depth)
    {
        foreach (var line in root.ReadAllText(path).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var words = line.Split([' ', '\t', '='], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            // What is behind holds for some connections only.
            if (words[0].Equals("Match", StringComparison.OrdinalIgnoreCase))
                return;
            if (words.Length < 2)
                continue;
            if (words[0].Equals("Include", StringComparison.OrdinalIgnoreCase) && depth < 8)
                foreach (var file in words[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(pattern => Expand(root, pattern)))
                    Add(root, file, depth + 1);
            else
                _values.TryAdd(words[0], (words[1].Trim('"'), path));
        }
    }

    private static IEnumerable<string> Expand(Ext4FileSystem root, string pattern)
    {
        var whole = pattern.StartsWith('/') ? pattern : "/etc/ssh/" + pattern;
        var (folder, name) = (whole[..whole.LastIndexOf('/')], whole[(whole.LastIndexOf('/') + 1)..]);
        return root.Find(folder) is not { Type: Ext4FileType.Directory } found ? []
            : root.Children(found).Where(e => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(e.Path), ignoreCase: false)
                && root.Find(e.Path) is { Type: Ext4FileType.RegularFile }).Select(e => e.Path);
    }
}

/// <summary>What wg(8) and wg-quick(8) would refuse of a file. No message holds a value: it may be a key.</summary>
internal static class WireGuardText
{
    private static readonly string[] Interface =
        ["PrivateKey", "ListenPort", "FwMark", "Address", "DNS", "MTU", "Table", "PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig"];

    private static readonly string[] Peer = ["PublicKey", "PresharedKey", "AllowedIPs", "Endpoint", "PersistentKeepalive"];

    public static IEnumerable<string> Problems(string text)
    {
        string? section = null;
        var (interfaces, hasKey, peerHasKey, number, setsKey) = (0, false, true, 0, false);
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Split('#')[0].Trim()))
        {
            number++;
            if (line.Length == 0)
                continue;
            if (line[0] == '[')
            {
                if (!peerHasKey)
                    yield return "a [Peer] has no PublicKey.";
                section = line.ToLowerInvariant();
                interfaces += section == "[interface]" ? 1 : 0;
                peerHasKey = section != "[peer]";
                if (section is not ("[interface]" or "[peer]"))
                    yield return $"line {number} begins a section that is none: [Interface] and [Peer] are.";
                continue;
            }

            var pair = line.Split('=', 2, StringSplitOptions.TrimEntries);
            var known = section == "[interface]" ? Interface : section == "[peer]" ? Peer : null;
            if (pair.Length < 2 || known is null || known.FirstOrDefault(k => k.Equals(pair[0], StringComparison.OrdinalIgnoreCase)) is not { } key)
            {
                yield return $"line {number} is no setting of {section ?? "any section"}.";
                continue;
            }

            hasKey |= key == "PrivateKey";
            setsKey |= key is "PostUp" or "PreUp" && pair[1].Contains("private-key", StringComparison.Ordinal);
            peerHasKey |= key == "PublicKey";
            if (!IsValid(key, pair[1]))
                yield return $"line {number}: {key} has a value that is none.";
        }

        if (interfaces != 1)
            yield return $"it has {interfaces} sections [Interface]; one is needed.";
        else if (!hasKey && !setsKey)
            yield return "[Interface] has no PrivateKey.";
        if (!peerHasKey)
            yield return "a [Peer] has no PublicKey.";
    }

    private static bool IsValid(string key, string value) => key switch
    {
        "PrivateKey" or "PublicKey" or "PresharedKey" => value.Length == 44 && Convert.TryFromBase64String(value, new byte[33], out var bytes) && bytes == 32,
        "ListenPort" => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        "MTU" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        "PersistentKeepalive" => value == "off" || ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        "Address" => Parts(value).All(IsAddress),
        "AllowedIPs" => Parts(value).All(p => IsAddress(p.TrimStart('+', '-'))),
        "Endpoint" => value.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(value[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _),
        _ => value.Length > 0,
    };

    private static string[] Parts(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsAddress(string text)
    {
        var parts = text.Split('/');
        return parts.Length <= 2 && IPAddress.TryParse(parts[0], out var address)
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= address.GetAddressBytes().Length * 8);
    }
}

using System.Net;
using System.Net.Sockets;
using W4b.Image.Disk;
using W4b.Image.Sandbox;

namespace W4b.Image.Validation.Rules;

/// <summary>Nothing of the build is left in the image.</summary>
internal static class LeftoverRules
{
    private const string NotOurs = "this SDK did not make the image";

    /// <summary>Where native twins are while an image is built. A file that names it was written by a twin that got it wrong.</summary>
    internal static readonly string TwinsPath = SandboxOptions.TwinsPath;

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(new RuleInfo("W4BR029", "leftovers", RuleSeverity.Error, "No file of the build is left",
                "policy-rc.d would keep every service from starting, the build host's resolver would be asked in vain, and caches take the card's room.",
                "Remove the file named in the script that leaves it; if no script does, please report it."), Leftovers),
        new(new RuleInfo("W4BR030", "build-traces", RuleSeverity.Error, "No file names a folder that was there only during the build",
                "A program that looks for it on the device finds nothing.",
                "Build with W4bNativeTwins=false, and please report the file named.", RuleReach.Everything), BuildTraces),
    ];

    private static RuleOutcome Leftovers(RuleSubject subject)
        => !subject.IsHive ? RuleOutcome.DoesNotApply(NotOurs)
            : RuleOutcome.Of(Paths(subject).Where(p => !subject.IsPlanned(p)).Select(p => new RuleFinding($"{p} is left over from the build.", p)).Concat(Resolver(subject)));

    private static IEnumerable<string> Paths(RuleSubject subject)
    {
        foreach (var path in new[] { "/usr/sbin/policy-rc.d", "/w4b-script", "/dev/shm/.w4b", "/var/log/bootstrap.log", "/var/log/dpkg.log" })
            if (subject.Root.Find(path, followLinks: false) is not null)
                yield return path;
        (string Folder, Func<string, bool> Left)[] folders =
        [
            ("/var/lib/apt/lists", name => name.Contains("_dists_", StringComparison.Ordinal)),
            ("/var/cache/apt", name => name.EndsWith(".bin", StringComparison.Ordinal)),
            ("/var/cache/apt/archives", name => name.EndsWith(".deb", StringComparison.Ordinal)),
            ("/var/log/apt", _ => true),
        ];
        foreach (var (folder, left) in folders)
            if (subject.Root.Find(folder) is { Type: Ext4FileType.Directory } found)
                foreach (var entry in subject.Root.Children(found).Where(e => e.Type == Ext4FileType.RegularFile && left(Path.GetFileName(e.Path))))
                    yield return entry.Path;
    }

    // A resolver that only the build host's network has.
    private static IEnumerable<RuleFinding> Resolver(RuleSubject subject)
    {
        const string file = "/etc/resolv.conf";
        if (subject.Root.Find(file, followLinks: false) is not { Type: Ext4FileType.RegularFile } || subject.IsPlanned(file))
            return [];
        return subject.Root.ReadAllText(file).Split('\n').Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w is ["nameserver", ..] && w.Length > 1 && IPAddress.TryParse(w[1].Split('%')[0], out var address) && IsLocal(address))
            .Select(w => new RuleFinding($"{file} asks {w[1]}, which only the build's own network has.", file));
    }

    private static bool IsLocal(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
            : bytes[0] == 10 || bytes[0] == 172 && bytes[1] is >= 16 and < 32 || bytes[0] == 192 && bytes[1] == 168 || bytes[0] == 169 && bytes[1] == 254;
    }

    private static RuleOutcome BuildTraces(RuleSubject subject)
        => !subject.IsHive ? RuleOutcome.DoesNotApply(NotOurs)
            : RuleOutcome.Of(subject.Scan.PlacesOf(ContentScan.TraceNeedles(subject)).Select(place => new RuleFinding($"{place} names a folder of the build.", place.Path)));
}

using System.Text.RegularExpressions;

namespace W4b.Image.Layers.Twins;

/// <summary>What a run of apt-get will change, told by <c>apt-get --simulate</c>. Pure.</summary>
internal static partial class PlannedPackages
{
    /// <summary>The packages that there are after the run; without those that it replaces by another version, which are not the same
    /// throughout.</summary>
    public static IReadOnlyList<InstalledPackage> After(IReadOnlyList<InstalledPackage> installed, IEnumerable<string> lines)
    {
        var result = installed.ToDictionary(p => (p.Name, p.Architecture));
        foreach (var line in lines)
        {
            if (Removed().Match(line) is { Success: true } removed)
                Forget(removed.Groups["name"].Value);
            if (Installed().Match(line) is not { Success: true } added)
                continue;
            var package = new InstalledPackage(added.Groups["name"].Value, added.Groups["version"].Value, added.Groups["architecture"].Value);
            if (added.Groups["old"].Success && added.Groups["old"].Value != package.Version)
                Forget(package.Name);
            else
                result[(package.Name, package.Architecture)] = package;
        }

        return [.. result.Values.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Architecture, StringComparer.Ordinal)];

        void Forget(string name)
        {
            foreach (var key in result.Keys.Where(k => k.Name == name).ToList())
                result.Remove(key);
        }
    }

    [GeneratedRegex(@"^Inst (?<name>[^ :]+) (?:\[(?<old>[^\]]+)\] )?\((?<version>[^ ]+) .*\[(?<architecture>[^\]]+)\]\)")]
    private static partial Regex Installed();

    [GeneratedRegex(@"^(?:Remv|Purg) (?<name>[^ :]+) ")]
    private static partial Regex Removed();
}

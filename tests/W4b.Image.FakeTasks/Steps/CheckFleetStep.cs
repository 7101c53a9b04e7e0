using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: no two hives have the same vpn.</summary>
public static class CheckFleetStep
{
    /// <summary>As in the real domain.</summary>
    public static void Run(IReadOnlyList<FleetHive> hives, string projectFile, string dependenciesFile, IBuildLog log)
    {
        foreach (var alike in hives.Where(h => File.Exists(h.ConfigFile)).GroupBy(h => FakeConfiguration.Read(h.ConfigFile)["vpn"]).Where(g => g.Key.Length > 0 && g.Count() > 1))
            throw DiagnosticCode.SharedIdentity.Error($"{string.Join(" and ", alike.Select(h => h.ConfigFile))} have the same vpn.", new SourceLocation(alike.Last().ConfigFile, 4, 1));
        Directory.CreateDirectory(Path.GetDirectoryName(dependenciesFile)!);
        FakeConfiguration.WriteWhenDifferent(dependenciesFile, string.Concat(hives.Select(h => h.ConfigFile + "\n")));
    }
}

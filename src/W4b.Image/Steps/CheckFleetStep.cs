using W4b.Image.Configuration;
using W4b.Image.Configuration.Fleet;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The hives of a fleet are compared before any of them is built.</summary>
public static class CheckFleetStep
{
    /// <summary>
    /// Writes <paramref name="dependenciesFile"/>: the files that were read, one a line, and a path that never exists when the
    /// result depends on more.
    /// </summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SharedIdentity"/>, once for each hive that has another's.</exception>
    public static void Run(IReadOnlyList<FleetHive> hives, string projectFile, string dependenciesFile, IBuildLog log)
    {
        var members = hives.AsParallel().AsOrdered().Select(hive => FleetMember.Read(hive, new SourceLocation(projectFile))).ToList();
        var errors = FleetCheck.Run(members, Path.GetDirectoryName(projectFile)!).ToList();
        if (errors.Count > 0)
            throw new W4bException(errors);
        var dependencies = members.SelectMany(m => m.Files).Distinct().ToList();
        if (members.Any(m => m.ReadsEnvironment))
            dependencies.Add(dependenciesFile + ".environment-was-read");
        ContentFile.WriteWhenDifferent(dependenciesFile, string.Concat(dependencies.Select(d => d + "\n")));
        log.Info($"{hives.Count} hives: no two share an id, a host name, a VPN address or a key.");
    }
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration.Fleet;

/// <summary>No two hives of a fleet have what each must have alone.</summary>
internal static class FleetCheck
{
    /// <summary>An error for each hive that has what one before it has.</summary>
    /// <param name="members">The hives, in the order of the fleet.</param>
    /// <param name="folder">The folder to which paths in messages are relative.</param>
    public static IEnumerable<Diagnostic> Run(IEnumerable<FleetMember> members, string folder)
    {
        var seen = new Dictionary<(string, string), (FleetMember Member, HiveMark Mark)>();
        foreach (var member in members)
        {
            var alike = new HashSet<FleetMember>();
            foreach (var mark in member.Marks)
            {
                if (seen.TryAdd((mark.What, mark.Value), (member, mark)))
                    continue;
                var first = seen[(mark.What, mark.Value)];
                // Equal ids make equal host names: one mistake, told once.
                if (alike.Add(first.Member) || mark.What != "host name")
                    yield return new Diagnostic(DiagnosticCode.SharedIdentity,
                        $"The hives {first.Member.Name} and {member.Name} have the same {mark.What}{(mark.Shown is null ? "" : " " + mark.Shown)}: "
                        + $"{Text(first.Mark.Place, folder)} and {Text(mark.Place, folder)}.", mark.Place);
            }
        }
    }

    private static string Text(SourceLocation place, string folder)
        => FormattableString.Invariant($"{Path.GetRelativePath(folder, place.File)}({place.Line},{place.Column})");
}

namespace W4b.Image.Layers.Locking;

/// <summary>In what a resolution differs from a lock. Pure.</summary>
internal static class LockDifference
{
    // A whole suite may have moved on: the first ones tell enough.
    private const int Shown = 12;

    /// <summary>A line for each difference: <c>name: locked -> now</c>.</summary>
    public static IReadOnlyList<string> Between(LockedLayer locked, LockedLayer now)
        =>
        [
            .. locked.Base.Sha256 == now.Base.Sha256 ? [] : Base(locked.Base, now.Base),
            .. Values(locked.Packages.ToDictionary(p => $"{p.Name}:{p.Architecture}", Describe), now.Packages.ToDictionary(p => $"{p.Name}:{p.Architecture}", Describe)),
            .. Values(locked.Python.ToDictionary(p => "Python " + p.Name, Describe), now.Python.ToDictionary(p => "Python " + p.Name, Describe)),
        ];

    /// <summary>Differences as a part of a message.</summary>
    public static string Text(IReadOnlyList<string> differences)
        => string.Join("\n", differences.Take(Shown).Select(d => "  " + d)) + (differences.Count > Shown ? $"\n  and {differences.Count - Shown} more" : "");

    private static IEnumerable<string> Base(LockedBase locked, LockedBase now)
    {
        var packages = Values(ByName(locked.Packages), ByName(now.Packages)).ToList();
        return packages.Count > 0 ? packages.Select(p => "base image: " + p) : [$"base image: sha256 {locked.Sha256} -> {now.Sha256}"];
    }

    private static Dictionary<string, string> ByName(IReadOnlyList<string> packages)
        => packages.Select(p => p.Split(' ')).ToDictionary(p => $"{p[0]}:{p[2]}", p => p[1], StringComparer.Ordinal);

    private static string Describe(LockedPackage package) => $"{package.Version} ({package.Sha256[..12]})";

    private static string Describe(LockedWheel wheel) => wheel.Sha256 is null ? wheel.Version : $"{wheel.Version} ({wheel.Sha256[..12]})";

    private static IEnumerable<string> Values(Dictionary<string, string> locked, Dictionary<string, string> now)
        => locked.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(key => (Key: key, Locked: locked.GetValueOrDefault(key, "not there"), Now: now.GetValueOrDefault(key, "not there")))
            .Where(v => v.Locked != v.Now).Select(v => $"{v.Key}: {v.Locked} -> {v.Now}");
}

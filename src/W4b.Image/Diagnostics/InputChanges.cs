namespace W4b.Image.Diagnostics;

/// <summary>Which inputs of a stage differ from the last time, in words for one line. Pure.</summary>
public static class InputChanges
{
    private const int Named = 3;
    private const int Longest = 60;

    /// <summary>
    /// The inputs that differ with old and new value, as in <c>packages: +htop -nano; timezone: Europe/Berlin -> Europe/Paris</c>; of more
    /// than three the first, and how many more. Null when none does.
    /// </summary>
    public static string? Describe(IReadOnlyList<StageInput> before, IReadOnlyList<StageInput> now)
    {
        var (old, current) = (ByName(before), ByName(now));
        var changes = old.Keys.Union(current.Keys, StringComparer.Ordinal)
            .Where(name => old.GetValueOrDefault(name) != current.GetValueOrDefault(name))
            .Select(name => $"{name}: {Change(old.GetValueOrDefault(name), current.GetValueOrDefault(name))}").ToList();
        return changes.Count == 0 ? null
            : string.Join("; ", changes.Take(Named)) + (changes.Count > Named ? $"; and {changes.Count - Named} more" : "");
    }

    private static Dictionary<string, string> ByName(IReadOnlyList<StageInput> inputs)
        => inputs.GroupBy(i => i.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);

    private static string Change(string? before, string? now)
    {
        var (old, current) = (Elements(before), Elements(now));
        if (old.Length > 1 || current.Length > 1)
            return Shortened(string.Join(' ', [.. current.Except(old).Select(e => "+" + e), .. old.Except(current).Select(e => "-" + e)])
                is { Length: > 0 } difference ? difference : "in another order");
        return $"{Shown(before)} -> {Shown(now)}";
    }

    private static string[] Elements(string? value) => (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Shown(string? value) => string.IsNullOrEmpty(value) ? "none" : Shortened(value);

    // A hash says by its first digits what it has to say.
    private static string Shortened(string value)
        => value.Length == 64 && value.All(char.IsAsciiHexDigitLower) ? value[..12] : value.Length > Longest ? value[..Longest] + "…" : value;
}

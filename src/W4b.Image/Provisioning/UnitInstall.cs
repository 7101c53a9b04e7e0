namespace W4b.Image.Provisioning;

/// <summary>The links that enable a systemd unit, from the text of its unit file: systemd.unit(5), "[Install]". Pure.</summary>
public static class UnitInstall
{
    private const string Folder = "/etc/systemd/system";

    /// <summary>The links for <paramref name="unit"/>; none when the unit is not meant to be enabled.</summary>
    /// <param name="unit">The unit's full name, with its instance when it has one.</param>
    /// <param name="unitFile">Path of the unit file in the image; for an instance its template's.</param>
    /// <param name="text">The unit file's text.</param>
    public static IReadOnlyList<PlannedLink> Links(string unit, string unitFile, string text)
    {
        var install = Section(text, "Install").ToLookup(p => p.Key, p => p.Value, StringComparer.Ordinal);
        IEnumerable<string> Words(string key)
            => install[key].SelectMany(v => v.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Select(v => Expand(v, unit));

        return
        [
            .. Words("WantedBy").Select(target => new PlannedLink($"{Folder}/{target}.wants/{unit}", unitFile)),
            .. Words("RequiredBy").Select(target => new PlannedLink($"{Folder}/{target}.requires/{unit}", unitFile)),
            .. Words("Alias").Where(alias => alias != unit).Select(alias => new PlannedLink($"{Folder}/{alias}", unitFile)),
        ];
    }

    /// <summary>The name of the file that defines <paramref name="unit"/>: for <c>wg-quick@wg0.service</c>, <c>wg-quick@.service</c>.</summary>
    public static string FileName(string unit)
    {
        var at = unit.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? unit : unit[..(at + 1)] + unit[unit.LastIndexOf('.')..];
    }

    private static string Expand(string word, string unit)
    {
        var at = unit.IndexOf('@', StringComparison.Ordinal);
        var dot = unit.LastIndexOf('.');
        return word.Replace("%i", at < 0 ? "" : unit[(at + 1)..dot], StringComparison.Ordinal).Replace("%n", unit, StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, string>> Section(string text, string name)
    {
        var inside = false;
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not ('#' or ';')))
        {
            if (line[0] == '[')
                inside = line == $"[{name}]";
            else if (inside && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                yield return new(line[..equals].Trim(), line[(equals + 1)..].Trim());
        }
    }
}

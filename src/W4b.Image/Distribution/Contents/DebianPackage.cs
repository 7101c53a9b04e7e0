namespace W4b.Image.Distribution.Contents;

/// <summary>A package that dpkg calls installed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Source">Name and version of its source package.</param>
/// <param name="Maintainer">Who keeps it.</param>
/// <param name="Homepage">URL of its project; null when it tells none.</param>
/// <param name="Summary">The first line of its description.</param>
public sealed record DebianPackage(string Name, string Version, string Architecture, string Source, string Maintainer, string? Homepage, string Summary)
{
    /// <summary>The packages of <c>/var/lib/dpkg/status</c>, by name and architecture.</summary>
    public static IReadOnlyList<DebianPackage> Parse(string status)
        => [.. status.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(Fields)
            .Where(f => f.GetValueOrDefault("Status", "").EndsWith(" installed", StringComparison.Ordinal))
            .Select(Create).OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Architecture, StringComparer.Ordinal)];

    private static DebianPackage Create(Dictionary<string, string> fields)
    {
        var (name, version) = (fields["Package"], fields.GetValueOrDefault("Version", ""));
        // "Source: name (version)": without a version it is the package's own, without the field so is the name.
        var source = fields.GetValueOrDefault("Source", name);
        return new DebianPackage(name, version, fields.GetValueOrDefault("Architecture", ""),
            source.EndsWith(')') ? source.Replace(" (", " ", StringComparison.Ordinal).TrimEnd(')') : $"{source} {version}",
            fields.GetValueOrDefault("Maintainer", ""), fields.GetValueOrDefault("Homepage"), fields.GetValueOrDefault("Description", ""));
    }

    // The first line of each field: deb822(5).
    internal static Dictionary<string, string> Fields(string stanza)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in stanza.Split('\n'))
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                fields.TryAdd(line[..colon], line[(colon + 1)..].Trim());
        return fields;
    }
}

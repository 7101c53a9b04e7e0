namespace W4b.Image.Layers.Packages;

/// <summary>A package of a repository, as <c>apt-cache show</c> tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture, or <c>all</c>.</param>
/// <param name="Dependencies">Names of what it depends on; of alternatives the first.</param>
internal sealed record PackageStanza(string Name, string Version, string Architecture, IReadOnlyList<string> Dependencies)
{
    /// <summary>The packages of an output, in its order: of one package the version that apt would install is first.</summary>
    public static IReadOnlyList<PackageStanza> Parse(IEnumerable<string> lines)
    {
        var result = new List<PackageStanza>();
        var fields = new Dictionary<string, string>();
        foreach (var line in lines.Append(""))
        {
            if (line.Length == 0 && fields.TryGetValue("Package", out var name))
                result.Add(new PackageStanza(name, fields["Version"], fields["Architecture"], [.. Names("Pre-Depends"), .. Names("Depends")]));
            if (line.Length == 0)
                fields.Clear();
            else if (line[0] != ' ' && line.Split(": ", 2) is [var key, var value])
                fields[key] = value;
        }

        return result;

        IEnumerable<string> Names(string field)
            => fields.GetValueOrDefault(field, "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(d => d.Split('|')[0].Trim().Split(' ', ':', '(')[0]);
    }
}

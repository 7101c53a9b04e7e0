using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>A package as dpkg knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Status">What is wanted, its error flag, and its state: <c>install ok installed</c>.</param>
internal sealed record PackageStatus(string Name, string Architecture, string Status)
{
    public const string File = "/var/lib/dpkg/status";

    /// <summary>Those of an image; none when it has no dpkg.</summary>
    public static IReadOnlyList<PackageStatus> Read(Ext4FileSystem root)
    {
        if (root.Find(File) is null)
            return [];
        var packages = new List<PackageStatus>();
        foreach (var stanza in root.ReadAllText(File).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string Field(string name)
                => stanza.Split('\n').FirstOrDefault(l => l.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..].Trim() ?? "";
            packages.Add(new PackageStatus(Field("Package"), Field("Architecture"), Field("Status")));
        }

        return packages;
    }
}

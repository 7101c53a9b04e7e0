using System.Text.Json;
using W4b.Image.Configuration;

namespace W4b.Image.Layers.Twins;

/// <summary>What is in a tree of twins; a file of the tree.</summary>
/// <param name="Suite">Id of what all trees of a suite have in common: where the packages come from, the architecture, the programs that may have twins.</param>
/// <param name="Asked">The packages that were asked for.</param>
/// <param name="Packages">The packages whose programs are there: those of the asked that the suite has for the host.</param>
/// <param name="Unpacked">Names of all packages of which something is there, libraries too.</param>
internal sealed record TwinList(string Suite, IReadOnlyList<InstalledPackage> Asked, IReadOnlyList<InstalledPackage> Packages, IReadOnlyList<string> Unpacked)
{
    private const string FileName = "twins.json";

    /// <summary>The list of the tree in <paramref name="folder"/>; null when it has none that can be read.</summary>
    public static TwinList? Read(string folder)
    {
        try
        {
            return ImageJson.Read<TwinList>(Path.Combine(folder, FileName));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the list into a tree.</summary>
    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), ImageJson.Write(this));

    /// <summary>The twins whose package is in the target in another version.</summary>
    public IReadOnlyList<InstalledPackage> Strangers(IReadOnlyList<InstalledPackage> target)
        => [.. Packages.Where(twin => target.Any(p => p.Name == twin.Name && !TwinPackages.SameSource(p.Version, twin.Version)))];

    /// <summary>Whether nothing in the tree is another than the target's.</summary>
    public bool Suits(TwinRequest request) => Strangers(request.Target).Count == 0 && !Packages.Any(twin => request.Changing.Contains(twin.Name));

    /// <summary>What the target wants beyond what was asked for.</summary>
    public IReadOnlyList<InstalledPackage> Missing(TwinRequest request)
        => [.. request.Wanted.Where(w => !Asked.Any(a => a.Name == w.Name && TwinPackages.SameSource(a.Version, w.Version)))];
}

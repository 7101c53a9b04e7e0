namespace W4b.Image.Layers.Twins;

/// <summary>What twins are wanted for. Pure.</summary>
/// <param name="Target">The target's packages that will not change while the twins are used.</param>
/// <param name="Changing">Names of packages that will, and can have no twin meanwhile.</param>
internal sealed record TwinRequest(IReadOnlyList<InstalledPackage> Target, IReadOnlyCollection<string> Changing)
{
    /// <summary>The target's packages that are to have twins.</summary>
    public IReadOnlyList<InstalledPackage> Wanted { get; } = TwinPackages.Wanted(Target);

    /// <summary>Whether the target has no package of that name: a twin of any version does no harm.</summary>
    public bool IsFree(string name) => Target.All(p => p.Name != name) && !Changing.Contains(name);
}

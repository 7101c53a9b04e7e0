namespace W4b.Image.Diagnostics;

/// <summary>The processors of the machine, shared by all that a build does at a time.</summary>
public interface ICoreBudget
{
    /// <summary>Asks for processors and waits until there is at least one.</summary>
    /// <param name="wanted">How many could be used.</param>
    /// <returns>How many may be used, at least one, until <see cref="Release"/>.</returns>
    int Request(int wanted);

    /// <summary>Gives processors back.</summary>
    void Release(int cores);
}

/// <summary>All processors at any time: for work that shares the machine with nobody.</summary>
public sealed class AllCores : ICoreBudget
{
    /// <summary>The only one.</summary>
    public static AllCores Instance { get; } = new();

    /// <inheritdoc/>
    public int Request(int wanted) => wanted;

    /// <inheritdoc/>
    public void Release(int cores)
    {
    }
}

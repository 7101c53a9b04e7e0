namespace W4b.Image.Layers.Locking;

/// <summary>How a build deals with its project's lock.</summary>
/// <param name="File">Full path of the lock, which need not exist; null for a layer that belongs to no project.</param>
/// <param name="Locked">Whether a resolution that differs from the lock, or has none, is an error. Else the lock is written.</param>
/// <param name="Update">Whether what the lock lacks is resolved anew, also when the cache has a layer for it.</param>
/// <param name="Alone">Whether the project has no other layer, so that the lock needs nothing else.</param>
public sealed record LockOptions(string? File, bool Locked, bool Update, bool Alone)
{
    /// <summary>No lock is read or written.</summary>
    public static LockOptions None { get; } = new(null, false, false, true);
}

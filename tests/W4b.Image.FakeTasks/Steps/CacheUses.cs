namespace W4b.Image.Layers.Cache;

/// <summary>The fake domain: nothing of the cache is held.</summary>
public static class CacheUses
{
    /// <summary>As in the real domain.</summary>
    public static void ReleaseAll()
    {
    }
}

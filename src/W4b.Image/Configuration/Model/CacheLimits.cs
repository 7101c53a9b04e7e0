namespace W4b.Image.Configuration;

/// <summary>How much the cache may hold, and how long; null for any.</summary>
/// <param name="MaxSizeGb">Size in GiB above which what was used least recently is removed.</param>
/// <param name="MaxAgeDays">Days without use after which something is removed.</param>
public sealed record CacheLimits(int? MaxSizeGb, int? MaxAgeDays);

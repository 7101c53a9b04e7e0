namespace W4b.Image.Steps;

/// <summary>What a build would do at a stage. Sizes and times are guesses.</summary>
/// <param name="Stage">The stage's target.</param>
/// <param name="Runs">Whether it has anything to do.</param>
/// <param name="Why">Why it runs, or what is there already.</param>
internal sealed record PlannedStage(string Stage, bool Runs, string Why)
{
    /// <summary>What it needs in the cache's folder while it works, in bytes.</summary>
    public long CacheBytes { get; init; }

    /// <summary>What it needs in the project's folders, in bytes.</summary>
    public long ProjectBytes { get; init; }

    /// <summary>What it downloads, in bytes; null when that is not known before it does.</summary>
    public long? DownloadBytes { get; init; } = 0;

    /// <summary>How long it takes; null when it was never done on this machine.</summary>
    public double? Seconds { get; init; } = 0;
}

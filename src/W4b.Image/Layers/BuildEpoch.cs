using System.Globalization;

namespace W4b.Image.Layers;

/// <summary>The time that everything made during a build bears, so that the same inputs give the same bytes.</summary>
internal static class BuildEpoch
{
    // Without SOURCE_DATE_EPOCH any fixed time does; this one is after the packages of the current suite and before the tool's release.
    private static readonly DateTimeOffset Default = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // FAT knows no time before 1980.
    private static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// SOURCE_DATE_EPOCH (seconds since 1970) when it is set, else a constant; not before 1980. See
    /// reproducible-builds.org/specs/source-date-epoch.
    /// </summary>
    public static DateTimeOffset Current => FromEnvironment is { } given ? (given > Earliest ? given : Earliest) : Default;

    /// <summary>SOURCE_DATE_EPOCH, or null.</summary>
    public static DateTimeOffset? FromEnvironment
        => long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}

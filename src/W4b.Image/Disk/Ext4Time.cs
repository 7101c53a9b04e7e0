namespace W4b.Image.Disk;

/// <summary>A time stamp with the resolution ext4 has.</summary>
/// <param name="Seconds">Seconds since 1970 UTC; ext4 holds -2^31 to 2^34 - 2^31 - 1 (34 bits), until the year 2446.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
public readonly record struct Ext4Time(long Seconds, int Nanoseconds) : IComparable<Ext4Time>
{
    /// <summary>The time as the base library knows it, cut to its 100 ns.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanoseconds / 100);

    /// <summary>The time stamp for a <see cref="DateTimeOffset"/>.</summary>
    public static Ext4Time From(DateTimeOffset time)
        => new(time.ToUnixTimeSeconds(), (int)(time.UtcTicks % TimeSpan.TicksPerSecond) * 100);

    /// <inheritdoc/>
    public int CompareTo(Ext4Time other)
        => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Earlier.</summary>
    public static bool operator <(Ext4Time left, Ext4Time right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(Ext4Time left, Ext4Time right) => left.CompareTo(right) > 0;

    /// <summary>Earlier or equal.</summary>
    public static bool operator <=(Ext4Time left, Ext4Time right) => left.CompareTo(right) <= 0;

    /// <summary>Later or equal.</summary>
    public static bool operator >=(Ext4Time left, Ext4Time right) => left.CompareTo(right) >= 0;
}

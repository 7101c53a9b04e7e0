namespace W4b.Image.Diagnostics;

/// <summary>Tells how far a long operation is: at most one line a tenth of the way, so that a plain log stays readable.</summary>
/// <param name="log">Where the lines go.</param>
/// <param name="what">What is going on, e.g. "downloading".</param>
/// <param name="total">The whole, in bytes; 0 or less when unknown, then a line each 256 MiB.</param>
/// <param name="done">What was done before, in bytes; it does not count for the speed.</param>
/// <param name="time">The clock by which the speed is told; null when it is of no interest.</param>
public sealed class ProgressReporter(IBuildLog log, string what, long total, long done = 0, TimeProvider? time = null)
{
    private const long Mebibyte = 1024 * 1024;
    private readonly long _step = total > 0 ? Math.Max(total / 10, 16 * Mebibyte) : 256 * Mebibyte;
    private readonly long _began = time?.GetTimestamp() ?? 0;
    private readonly long _before = done;
    private long _done = done;
    private long _next = done + (total > 0 ? Math.Max(total / 10, 16 * Mebibyte) : 256 * Mebibyte);

    /// <summary>Adds <paramref name="bytes"/> to what is done. Not thread-safe: one reporter, one writer.</summary>
    public void Add(long bytes)
    {
        _done += bytes;
        if (_done < _next)
            return;
        while (_next <= _done)
            _next += _step;
        var speed = time is null ? "" : $", {Speed(_done - _before, time.GetElapsedTime(_began))}";
        log.Info(total > 0
            ? $"{what}: {_done / Mebibyte} of {total / Mebibyte} MiB ({100 * _done / total} %){speed}"
            : $"{what}: {_done / Mebibyte} MiB{speed}");
    }

    /// <summary>A speed for people, e.g. <c>11.8 MiB/s</c>.</summary>
    public static string Speed(long bytes, TimeSpan elapsed)
        => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / (double)Mebibyte / Math.Max(elapsed.TotalSeconds, 0.001):0.0} MiB/s");
}

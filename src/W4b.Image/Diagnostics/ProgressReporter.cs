namespace W4b.Image.Diagnostics;

/// <summary>Tells how far a long operation is: at most one line a tenth of the way, so that a plain log stays readable.</summary>
/// <param name="log">Where the lines go.</param>
/// <param name="what">What is going on, e.g. "downloading".</param>
/// <param name="total">The whole, in bytes; 0 or less when unknown, then a line each 256 MiB.</param>
public sealed class ProgressReporter(IBuildLog log, string what, long total)
{
    private const long Mebibyte = 1024 * 1024;
    private readonly long _step = total > 0 ? Math.Max(total / 10, 16 * Mebibyte) : 256 * Mebibyte;
    private long _done;
    private long _next = total > 0 ? Math.Max(total / 10, 16 * Mebibyte) : 256 * Mebibyte;

    /// <summary>Adds <paramref name="bytes"/> to what is done. Not thread-safe: one reporter, one writer.</summary>
    public void Add(long bytes)
    {
        _done += bytes;
        if (_done < _next)
            return;
        while (_next <= _done)
            _next += _step;
        log.Info(total > 0
            ? $"{what}: {_done / Mebibyte} of {total / Mebibyte} MiB ({100 * _done / total} %)"
            : $"{what}: {_done / Mebibyte} MiB");
    }
}

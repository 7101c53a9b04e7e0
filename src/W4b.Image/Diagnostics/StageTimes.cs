using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace W4b.Image.Diagnostics;

/// <summary>How long a stage of a build took when it last ran.</summary>
/// <param name="Stage">The stage: the name of its task.</param>
/// <param name="Started">When it began.</param>
/// <param name="Seconds">From its beginning to its end.</param>
/// <param name="CpuSeconds">Of the processor, by the build's process meanwhile and by the programs that it ran.</param>
public sealed record StageTime(string Stage, DateTimeOffset Started, double Seconds, double CpuSeconds);

/// <summary>Times a stage from its making on.</summary>
public sealed class StageClock(string stage)
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double _cpu = CpuSeconds();

    /// <summary>The stage.</summary>
    public string Stage => stage;

    /// <summary>The time until now.</summary>
    public StageTime Elapsed => new(stage, _started, Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, 2), Math.Round(CpuSeconds() - _cpu, 2));

    // proc(5): utime, stime, and of ended programs cutime, cstime; in the kernel's user-visible ticks, always 100 a second.
    private static double CpuSeconds()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0;
    }
}

/// <summary>The times of a build's stages: a file each, beside the stages' logs.</summary>
public static class StageTimes
{
    private const string Extension = ".time";

    /// <summary>Notes how long a stage took.</summary>
    public static void Write(string logFolder, StageTime time)
        => ContentFile.WriteAtomically(Path.Combine(logFolder, time.Stage + Extension), JsonSerializer.Serialize(time));

    /// <summary>Of each stage the time of its last run, in the order in which they ran.</summary>
    public static IReadOnlyList<StageTime> Read(string logFolder)
        => [.. Directory.GetFiles(logFolder, "*" + Extension).Select(file => JsonSerializer.Deserialize<StageTime>(File.ReadAllText(file))!).OrderBy(t => t.Started)];

    /// <summary>All in one line.</summary>
    public static string Summary(IEnumerable<StageTime> times)
        => "Times: " + string.Join(", ", times.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Stage} {t.Seconds:0.0} s"))) + ".";
}

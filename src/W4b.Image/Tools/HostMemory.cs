using System.Globalization;

namespace W4b.Image.Tools;

/// <summary>The memory of the machine that this runs on.</summary>
internal static class HostMemory
{
    /// <summary>What programs can get without others losing theirs, in bytes: proc_meminfo(5), and what a container's limit leaves, which the runtime knows.</summary>
    public static long Free()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var kibibytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return Math.Min(kibibytes << 10, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace W4b.Image.Tools;

/// <summary>The memory of the machine that this runs on.</summary>
internal static partial class HostMemory
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of malloc.h
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD
    private const int KeptBytes = 128 << 10;

    /// <summary>What programs can get without others losing theirs, in bytes: proc_meminfo(5), and what a container's limit leaves, which the runtime knows.</summary>
    public static long Free()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var kibibytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return Math.Min(kibibytes << 10, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <summary>
    /// From here on the C library gives freed memory back by itself. How much it keeps, in each of its arenas, otherwise grows with the largest buffer that was ever
    /// freed, which here has tens of MiB; a fixed limit, here that of its beginning, does not (mallopt(3); not every C library has it).
    /// </summary>
    public static void KeepLittle()
    {
        try
        {
            _ = mallopt(TrimThreshold, KeptBytes);
            _ = mallopt(MmapThreshold, KeptBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // It keeps what it likes.
        }
    }

    /// <summary>
    /// Gives what this process no longer needs back to the machine: large buffers, which the collector would let lie until more of them have come together, and what the C
    /// library keeps of freed memory (malloc_trim(3); not every C library has it).
    /// </summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // It keeps it.
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint keep);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}

using System.Globalization;
using W4b.Image.Tools;

namespace W4b.Image.Compression;

/// <summary>How an image is compressed on this machine, and why.</summary>
/// <param name="Level">The preset of xz(1).</param>
/// <param name="Threads">How many blocks may be encoded at a time.</param>
/// <param name="MemoryLimit">What encoders and buffers may use together, in bytes.</param>
/// <param name="Reason">In a sentence.</param>
public sealed record CompressionChoice(int Level, int Threads, long MemoryLimit, string Reason)
{
    /// <summary>
    /// The level when nobody names one. It is the same on every machine, because other levels give other bytes, and equal inputs
    /// shall give equal archives. Only a layer is compressed whole, once; a hive pays for the blocks that are its own.
    /// </summary>
    public const int DefaultLevel = 6;

    // The whole build shall stay below 700 MiB where there is no more; a machine with more may use a quarter of it.
    private const long LeastMemory = 448L << 20;

    /// <summary>Level, threads and memory: the level by what is asked for, the rest by the machine.</summary>
    /// <param name="level">The level that the user asks for, 0 to 9; null for the default.</param>
    /// <param name="cores">The machine's processors.</param>
    /// <param name="freeMemory">Memory that nobody uses, in bytes.</param>
    public static CompressionChoice Make(int? level, int cores, long freeMemory)
    {
        var chosen = level ?? DefaultLevel;
        var limit = Math.Max(LeastMemory, freeMemory / 4);
        var threads = XzPipeline.ThreadsFor(chosen, cores, limit);
        var why = level is null ? "the default, the same on every machine as the archive's bytes depend on it" : "as W4bCompressionLevel says";
        return new CompressionChoice(chosen, threads, limit, string.Create(CultureInfo.InvariantCulture,
            $"xz level {chosen} ({why}), up to {threads} blocks at a time ({cores} cores; {freeMemory >> 20} MiB of memory are free, of which {limit >> 20} MiB may be used)"));
    }

    /// <summary>The choice for the machine that this runs on.</summary>
    public static CompressionChoice ForThisMachine(int? level) => Make(level, Environment.ProcessorCount, HostMemory.Free());
}

using W4b.Image.Compression;

namespace W4b.Image.Tests.Compression;

public sealed class CompressionChoiceTests
{
    private const long Gibibyte = 1L << 30;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 24)]
    [InlineData(64, 256)]
    public void The_level_is_the_same_on_every_machine(int cores, int gibibytes)
        => Assert.Equal(CompressionChoice.DefaultLevel, CompressionChoice.Make(null, cores, gibibytes * Gibibyte).Level);

    [Fact]
    public void Threads_are_the_cores_as_far_as_memory_goes()
    {
        Assert.Equal(2, CompressionChoice.Make(null, 2, 24 * Gibibyte).Threads);
        Assert.Equal(64, CompressionChoice.Make(null, 64, 256 * Gibibyte).Threads);
        // With little memory the whole build stays below 700 MiB.
        var small = CompressionChoice.Make(null, 64, Gibibyte);
        Assert.InRange(small.Threads, 3, 12);
        Assert.Equal(448L << 20, small.MemoryLimit);
    }

    [Fact]
    public void The_reason_names_what_it_was_made_of()
    {
        Assert.Equal("xz level 6 (the default, the same on every machine as the archive's bytes depend on it), up to 2 blocks at a time (2 cores; 8192 MiB of memory are free, of which 2048 MiB may be used)",
            CompressionChoice.Make(null, 2, 8 * Gibibyte).Reason);
        Assert.StartsWith("xz level 1 (as W4bCompressionLevel says)", CompressionChoice.Make(1, 2, 8 * Gibibyte).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cores_are_asked_for_and_given_back()
    {
        using var folder = new TestFolder();
        var image = folder.Write("card.img", Sample.Image(1000));
        var cores = new Counter();
        await XzCompressor.CompressAsync(image, folder["card.xz"], new XzOptions { Level = 0, Threads = 4, Cores = cores }, new ListLog(), default);
        await Assert.ThrowsAnyAsync<Exception>(() => XzCompressor.CompressAsync(folder["none"], folder["none.xz"],
            new XzOptions { Level = 0, Threads = 4, Cores = cores }, new ListLog(), default));
        Assert.Equal(["+4", "-1", "+4", "-1"], cores.Calls);
    }

    // Grants one, whatever is asked for.
    private sealed class Counter : W4b.Image.Diagnostics.ICoreBudget
    {
        public List<string> Calls { get; } = [];

        public int Request(int wanted)
        {
            Calls.Add($"+{wanted}");
            return 1;
        }

        public void Release(int cores) => Calls.Add($"-{cores}");
    }
}

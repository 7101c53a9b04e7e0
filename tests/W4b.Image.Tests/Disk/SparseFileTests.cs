using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Disk;

public sealed class SparseFileTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_has_the_same_bytes_no_more_blocks_and_the_mode_asked_for(bool hole)
    {
        var (source, target) = (_bench.Path("source"), _bench.Path("target"));
        SparseFile.Create(source, 10_000_001);
        await using (var file = File.OpenWrite(source))
        {
            if (!hole)
                file.Write(new byte[10_000_001]);
            foreach (var position in new[] { 0, 4095, 1_048_570, 5_000_000, 9_999_998 })
            {
                file.Position = position;
                file.Write("abc"u8);
            }
        }

        await File.WriteAllTextAsync(target, "an older file, open to all");
        await SparseFile.CopyAsync(source, target, SparseFile.OwnerOnly, CancellationToken.None);
        Assert.Equal(await File.ReadAllBytesAsync(source), await File.ReadAllBytesAsync(target));
        Assert.Equal("600", await StatAsync("%a", target));
        // Where blocks can be shared there is no difference; where not, only the blocks with data are there.
        var (sourceBlocks, targetBlocks) = (Number(await StatAsync("%b", source)), Number(await StatAsync("%b", target)));
        Assert.True(targetBlocks <= 1000 || targetBlocks == sourceBlocks, $"{targetBlocks} blocks of 512 bytes");
    }

    [Fact]
    public async Task A_copy_to_another_kind_of_file_system_is_a_copy_too()
    {
        var source = _bench.Path("source.img");
        SparseFile.Create(source, 64 << 20);
        await using (var file = File.OpenWrite(source))
        {
            file.Position = 20 << 20;
            file.Write("data"u8);
        }

        var target = $"/dev/shm/w4b-test-{Guid.NewGuid():N}";
        try
        {
            await SparseFile.CopyAsync(source, target, SparseFile.OwnerOnly, CancellationToken.None);
            Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(target));
        }
        finally
        {
            File.Delete(target);
        }
    }

    [Fact]
    public async Task A_part_is_copied_with_its_own_length()
    {
        var (source, target) = (_bench.Path("source"), _bench.Path("target"));
        var content = new byte[3_000_000];
        new Random(2).NextBytes(content.AsSpan(1_000_000, 500_000));
        await File.WriteAllBytesAsync(source, content);
        await SparseFile.CopyPartAsync(source, 1_000_123, 1_500_000, target, SparseFile.OwnerOnly, CancellationToken.None);
        Assert.Equal(content.AsSpan(1_000_123, 1_500_000).ToArray(), await File.ReadAllBytesAsync(target));
    }

    [Fact]
    public async Task A_copy_that_fails_leaves_nothing()
    {
        await File.WriteAllBytesAsync(_bench.Path("source"), new byte[5]);
        var error = await Assert.ThrowsAsync<W4bException>(() =>
            SparseFile.CopyAsync(_bench.Path("source"), _bench.Path("no/such/folder"), SparseFile.Shared, CancellationToken.None));
        Assert.Equal(DiagnosticCode.FileAccess, error.Diagnostics[0].Code);
        await Assert.ThrowsAsync<W4bException>(() =>
            SparseFile.CopyAsync(_bench.Path("missing"), _bench.Path("target"), SparseFile.Shared, CancellationToken.None));
        Assert.False(File.Exists(_bench.Path("target")));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task<string> StatAsync(string format, string path)
        => (await new HostTool("stat", "coreutils").RunAsync(_bench.Log, ["-c", format, path], CancellationToken.None)).Output.Trim();
}

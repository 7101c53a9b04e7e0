using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Disk;

public sealed class CardLayoutTests : IDisposable
{
    private const long FatSectors = 80_000;
    private const long RootSectors = 32_768;

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(2048, 2048 + FatSectors)]
    [InlineData(8192, 98304)]
    [InlineData(16384, 106496)]
    public async Task Boot_and_root_are_found_by_content_wherever_they_start(long boot, long root)
    {
        var image = await MakeAsync(boot, root, swapped: false);
        var layout = CardLayout.Read(image);
        Assert.Equal((1, boot * 512, 2, root * 512), (layout.Boot.Number, layout.Boot.OffsetBytes, layout.Root.Number, layout.Root.OffsetBytes));
        Assert.Equal((0xabcd0123u, "abcd0123-01", "abcd0123-02"), (layout.DiskId, layout.BootPartUuid, layout.RootPartUuid));
    }

    [Fact]
    public async Task The_number_and_type_of_a_partition_do_not_matter()
    {
        var layout = CardLayout.Read(await MakeAsync(8192, 98304, swapped: true));
        Assert.Equal((2, 1), (layout.Boot.Number, layout.Root.Number));
    }

    [Fact]
    public async Task Anything_else_is_refused_with_what_was_found()
    {
        var image = await MakeAsync(8192, 98304, swapped: false);
        await using (var file = File.OpenWrite(image))
        {
            file.Position = 8192 * 512;
            file.Write(new byte[512]);
        }

        var error = Assert.Throws<W4bException>(() => CardLayout.Read(image));
        Assert.Equal(DiagnosticCode.UnsupportedLayout, error.Diagnostics[0].Code);
        Assert.Contains("1: an unknown content (type 0x0c), 2: ext4 (type 0x83)", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> MakeAsync(long boot, long root, bool swapped)
    {
        var image = _bench.Path("card.img");
        SparseFile.Create(image, (root + RootSectors) * 512);
        var (first, second) = swapped ? (2, 1) : (1, 2);
        new PartitionTable(0xabcd0123,
        [
            new Partition(first, Partition.Fat32Lba, false, boot, FatSectors),
            new Partition(second, Partition.Linux, false, root, RootSectors),
        ]).WriteTo(image);
        await new FatFileSystem(_bench.Log, image, boot * 512, Workbench.Epoch).CreateAsync("BOOTFS", 1, FatSectors * 512, CancellationToken.None);
        await HostTool.Mke2fs.RunAsync(_bench.Log, new Mke2fs(RootSectors * 512, Workbench.Uuid, "rootfs").Arguments(image, root * 512),
            CancellationToken.None, environment: Mke2fs.Environment);
        return image;
    }
}

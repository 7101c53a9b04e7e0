using System.Buffers.Binary;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Disk;

public sealed class PartitionTableTests : IDisposable
{
    private const long ImageLength = 100L << 20;

    private static readonly PartitionTable s_card = new(0x0bad_cafe,
    [
        new Partition(1, Partition.Fat32Lba, true, 8192, 65536),
        new Partition(2, Partition.Linux, false, 73728, 100_000),
    ]);

    // fdisk's own reader and writer, as a second opinion.
    private static readonly HostTool s_sfdisk = new("sfdisk", "fdisk");

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_table_is_the_same_after_writing_and_reading()
    {
        var image = _bench.Path("card.img");
        SparseFile.Create(image, ImageLength);
        s_card.WriteTo(image);
        var read = PartitionTable.Read(image);
        Assert.Equal(s_card.Partitions, read.Partitions);
        Assert.Equal("0badcafe-02", read.PartUuid(2));
        Assert.Equal((8192L * 512, 65536L * 512), (read.Partitions[0].OffsetBytes, read.Partitions[0].LengthBytes));
    }

    [Fact]
    public async Task Sfdisk_reads_what_is_written_and_boot_code_stays()
    {
        var image = _bench.Path("card.img");
        SparseFile.Create(image, ImageLength);
        await using (var file = File.OpenWrite(image))
            file.Write("boot code"u8);
        s_card.WriteTo(image);
        Assert.Equal("boot code"u8.ToArray(), File.ReadAllBytes(image)[..9]);

        var dump = (await s_sfdisk.RunAsync(_bench.Log, ["--dump", image], CancellationToken.None)).Output;
        Assert.Contains("label-id: 0x0badcafe", dump, StringComparison.Ordinal);
        Assert.Matches(@"start= +8192, size= +65536, type=c, bootable", dump);
        Assert.Matches(@"start= +73728, size= +100000, type=83\n", dump);
    }

    [Fact]
    public async Task A_table_of_sfdisk_is_read()
    {
        var image = _bench.Path("card.img");
        SparseFile.Create(image, ImageLength);
        var script = $"printf 'label: dos\\nlabel-id: 0x12ab34cd\\nstart=2048,size=4096,type=c\\nstart=8192,type=83\\n' | {s_sfdisk.Path} -q '{image}'";
        await new HostTool("sh", "dash").RunAsync(_bench.Log, ["-c", script], CancellationToken.None);
        var table = PartitionTable.Read(image);
        Assert.Equal(0x12ab34cdu, table.DiskId);
        Assert.Equal([new Partition(1, 0x0C, false, 2048, 4096), new Partition(2, 0x83, false, 8192, ImageLength / 512 - 8192)], table.Partitions);
    }

    public static TheoryData<string, byte[], string> BadTables => new()
    {
        { "empty file", [], "only 0 bytes" },
        { "short file", new byte[511], "only 511 bytes" },
        { "no signature", new byte[512], "no MBR signature" },
        { "no partition", Sector(), "table is empty" },
        { "protective GPT", Sector((1, 0xEE, 0, 1, 1000)), "GPT" },
        { "extended", Sector((1, 0x0C, 0, 2048, 100), (2, 0x0F, 0, 4096, 100)), "partition 2 is an extended partition (type 0x0f)" },
        { "old extended", Sector((4, 0x05, 0, 4096, 100)), "partition 4 is an extended" },
        { "boot flag", Sector((1, 0x0C, 0x42, 2048, 100)), "boot flag 0x42" },
        { "starts at the table", Sector((1, 0x0C, 0, 0, 100)), "starts at sector 0" },
        { "no length", Sector((3, 0x0C, 0, 2048, 0)), "has 0 sectors" },
        { "overlap", Sector((1, 0x0C, 0, 2048, 100), (2, 0x83, 0, 2147, 100)), "partitions 1 and 2 overlap" },
        { "overlap, other order", Sector((1, 0x83, 0, 4096, 100), (2, 0x0C, 0, 2048, 2049)), "partitions 2 and 1 overlap" },
        { "beyond the end", Sector((1, 0x83, 0, 2048, 204800 - 2048 + 1)), "truncated" },
        { "far beyond the end", Sector((1, 0x83, 0, uint.MaxValue, uint.MaxValue)), "truncated" },
    };

    [Theory]
    [MemberData(nameof(BadTables))]
    public void A_bad_table_is_refused_with_what_was_found(string name, byte[] sector, string expected)
    {
        var error = Assert.Throws<W4bException>(() => PartitionTable.Parse(sector, ImageLength, name + ".img"));
        Assert.Equal(DiagnosticCode.UnsupportedLayout, error.Diagnostics[0].Code);
        Assert.Contains(name + ".img", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Partitions_may_fill_the_image_to_its_end()
        => Assert.Equal(204800, PartitionTable.Parse(Sector((1, 0x83, 0, 2048, 204800 - 2048)), ImageLength, "x").Partitions[0].EndSector);

    [Fact]
    public void A_truncated_image_and_a_missing_one_are_coded_errors()
    {
        var image = _bench.Path("card.img");
        SparseFile.Create(image, ImageLength);
        s_card.WriteTo(image);
        using (var file = File.OpenWrite(image))
            file.SetLength(50L << 20);
        Assert.Equal(DiagnosticCode.UnsupportedLayout, Assert.Throws<W4bException>(() => CardLayout.Read(image)).Diagnostics[0].Code);
        Assert.Equal(DiagnosticCode.FileAccess, Assert.Throws<W4bException>(() => CardLayout.Read(image + "x")).Diagnostics[0].Code);
    }

    private static byte[] Sector(params (int Number, byte Type, byte Flag, uint Start, uint Count)[] entries)
    {
        var sector = new byte[512];
        (sector[510], sector[511]) = (0x55, 0xAA);
        foreach (var (number, type, flag, start, count) in entries)
        {
            var entry = sector.AsSpan(446 + 16 * (number - 1), 16);
            (entry[0], entry[4]) = (flag, type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        }

        return sector;
    }
}

using System.Security.Cryptography;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Disk;

/// <summary>A map is right when Debian's bmaptool takes it, and leaves out no block that a file system uses.</summary>
public sealed class BlockMapTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new long[] { 0, 4096 }, "0-0")]
    [InlineData(new long[] { 0, 4097 }, "0-1")]
    [InlineData(new long[] { 512, 1024, 4096, 8192 }, "0-1")]
    [InlineData(new long[] { 0, 4096, 8192, 8193 }, "0-0 2-2")]
    [InlineData(new long[] { 0, 1024, 2048, 3072, 12288, 20480 }, "0-0 3-4")]
    // A range ends at each MiB.
    [InlineData(new long[] { 4096, 3 << 20 }, "1-255 256-511 512-767")]
    public void Blocks_are_those_that_hold_a_used_byte(long[] borders, string blocks)
        => Assert.Equal(blocks, string.Join(' ', BlockMap.Blocks(borders.Chunk(2).Select(b => new ByteRange(b[0], b[1]))).Select(b => $"{b.First}-{b.Last}")));

    [Fact]
    public void Text_is_that_of_the_format()
    {
        var text = new BlockMap(5 * 4096 - 1, [new BlockRange(0, 1, new string('a', 64)), new BlockRange(4, 4, new string('b', 64))]).ToXml();
        Assert.Contains("<BlocksCount> 5 </BlocksCount>", text, StringComparison.Ordinal);
        Assert.Contains("<MappedBlocksCount> 3 </MappedBlocksCount>", text, StringComparison.Ordinal);
        Assert.Contains($"<Range chksum=\"{new string('a', 64)}\"> 0-1 </Range>", text, StringComparison.Ordinal);
        Assert.Contains($"<Range chksum=\"{new string('b', 64)}\"> 4 </Range>", text, StringComparison.Ordinal);
    }

    // On a card that was used before, blocks that are not mapped keep their old bytes: those of a file system that are in use must not.
    [Fact]
    public async Task Bmaptool_writes_over_random_bytes_what_the_file_systems_need()
    {
        var image = await CardWithHolesAsync();
        var map = BlockMap.Of(image, default);
        Assert.InRange(map.MappedBlocks, 1, new FileInfo(image).Length / 4096 / 2);
        File.WriteAllText(_folder["card.bmap"], map.ToXml());
        var card = _folder.Write("used-card", RandomNumberGenerator.GetBytes((int)new FileInfo(image).Length));

        StockProgram.Run("bmaptool", "copy", "--bmap", _folder["card.bmap"], image, card);

        var (before, after) = (CardLayout.Read(image), CardLayout.Read(card));
        Assert.Equal(before.DiskId, after.DiskId);
        Assert.True((await Ext4Check.RunAsync(_log, card, after.Root.OffsetBytes, default)).IsClean);
        Assert.True((await new FatFileSystem(_log, card, after.Boot.OffsetBytes, TinyCard.Epoch).CheckAsync(default)).IsClean);
        Assert.Equal(Tree(image), Tree(card));
        foreach (var file in TinyCard.Boot(image, _log).List())
            Assert.Equal(await TinyCard.Boot(image, _log).ReadAsync(file.Path, default), await TinyCard.Boot(card, _log).ReadAsync(file.Path, default));
        var gap = (int)before.Boot.OffsetBytes;
        Assert.Equal(File.ReadAllBytes(image)[..gap], File.ReadAllBytes(card)[..gap]);
    }

    [Fact]
    public async Task What_is_equal_in_another_image_is_not_read_again()
    {
        var image = await CardWithHolesAsync();
        var map = BlockMap.Of(image, default);
        Assert.True(map.Ranges.Count > 3);
        var border = (map.Ranges[2].First + map.Ranges[2].Last + 1) / 2 * BlockMap.BlockSize;
        // Of another image with other content in its third range and behind it, and one range that this one does not have.
        var other = new BlockMap(map.ImageBytes, [.. map.Ranges.Select(r => r with { Sha256 = new string(r.First < map.Ranges[2].First ? 'a' : 'b', 64) }), new BlockRange(0, 1 << 30, "c")]);

        var ours = BlockMap.Of(image, other, [new ByteRange(0, border)], default);

        Assert.Equal(map.Ranges.Select((r, i) => i < 2 ? r with { Sha256 = new string('a', 64) } : r), ours.Ranges);
        Assert.Equal(map.Ranges, BlockMap.Of(image, map, [new ByteRange(0, map.ImageBytes)], default).Ranges);
    }

    [Fact]
    public async Task Bmaptool_finds_a_changed_byte()
    {
        var image = await CardWithHolesAsync();
        File.WriteAllText(_folder["card.bmap"], BlockMap.Of(image, default).ToXml());
        var superBlock = CardLayout.Read(image).Root.OffsetBytes + 1024;
        using (var file = File.OpenWrite(image))
        {
            file.Position = superBlock + 200;
            file.WriteByte(0x5a);
        }

        Assert.NotEqual(0, StockProgram.Try("bmaptool", "copy", "--bmap", _folder["card.bmap"], image, _folder["out"]).ExitCode);
    }

    [Theory]
    [InlineData("1024")]
    [InlineData("4096")]
    public async Task Ext4_s_used_blocks_are_all_that_dumpe2fs_does_not_call_free(string blockSize)
    {
        var image = _folder["fs.img"];
        SparseFile.Create(image, 96 << 20);
        await HostTool.Mke2fs.RunAsync(_log, ["-q", "-F", "-t", "ext4", "-b", blockSize, image], default);
        using (var writable = Ext4FileSystem.Open(image, 0, writable: true, TinyCard.Epoch))
            writable.WriteFile("/a", new byte[3_000_000], PlanMode, 0, 0, TinyCard.Epoch);
        using var fileSystem = Ext4FileSystem.Open(image, 0, writable: false, TinyCard.Epoch);
        Assert.Equal(fileSystem.Statistics.UsedBytes, fileSystem.UsedRanges().Sum(r => r.Length));

        var size = int.Parse(blockSize, System.Globalization.CultureInfo.InvariantCulture);
        foreach (var free in StockProgram.Run("dumpe2fs", image).Split('\n').Where(l => l.StartsWith("  Free blocks: ", StringComparison.Ordinal))
                     .SelectMany(l => l["  Free blocks: ".Length..].Split(", ", StringSplitOptions.RemoveEmptyEntries)))
        {
            var ends = free.Split('-').Select(n => long.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.DoesNotContain(fileSystem.UsedRanges(), r => r.Start < (ends[^1] + 1) * size && r.End > ends[0] * size);
        }
    }

    [Theory]
    [InlineData("32", "1", 80)]
    [InlineData("16", "4", 40)]
    [InlineData("12", "16", 20)]
    public async Task Fat_s_used_bytes_are_those_of_its_table(string kind, string sectorsPerCluster, int mebibytes)
    {
        var image = _folder["fat.img"];
        SparseFile.Create(image, mebibytes << 20);
        await HostTool.MkfsVfat.RunAsync(_log, ["-F", kind, "-s", sectorsPerCluster, image], default);
        var file = _folder.Write("file", RandomNumberGenerator.GetBytes(1_000_000));
        await HostTool.Mcopy.RunAsync(_log, ["-i", image, file, "::/file"], default, environment: new Dictionary<string, string> { ["MTOOLS_SKIP_CHECK"] = "1" });
        using var reader = new RawImageReader(image);
        var used = new FatReader(reader, 0).UsedRanges();

        // All that is not in use may be anything.
        var content = File.ReadAllBytes(image);
        var noise = RandomNumberGenerator.GetBytes(content.Length);
        foreach (var range in used)
            content.AsSpan((int)range.Start, (int)range.Length).CopyTo(noise.AsSpan((int)range.Start));
        Assert.InRange(used.Sum(r => r.Length), 1_000_000, 4_000_000);
        StockProgram.Run("fsck.vfat", "-n", _folder.Write("noise.img", noise));
        Assert.Equal(File.ReadAllBytes(file), Sample.Pipe([], "mtype", "-i", _folder["noise.img"], "::/file"));
    }

    [Fact]
    public async Task A_partition_of_unknown_content_is_mapped_whole()
    {
        var image = await TinyCard.CreateAsync(_folder["card.img"], _log);
        var boot = CardLayout.Read(image).Boot;
        using (var file = File.OpenWrite(image))
        {
            file.Position = boot.OffsetBytes;
            file.Write(new byte[PartitionTable.SectorSize]);
        }

        Assert.Contains(CardAllocation.UsedRanges(image), r => r.Start == 0 && r.End >= boot.OffsetBytes + boot.LengthBytes);
    }

    private const UnixFileMode PlanMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Files that were written and deleted leave holes with old bytes in both file systems; a gap after the partition table holds data.
    private async Task<string> CardWithHolesAsync()
    {
        var image = await TinyCard.CreateAsync(_folder["card.img"], _log);
        using (var file = File.OpenWrite(image))
        {
            file.Position = 1 << 20;
            file.Write(RandomNumberGenerator.GetBytes(5000));
        }

        using var root = TinyCard.OpenRoot(image, writable: true);
        for (var i = 0; i < 20; i++)
            root.WriteFile($"/file{i}", RandomNumberGenerator.GetBytes(100_000 + i), PlanMode, 0, 0, TinyCard.Epoch);
        for (var i = 0; i < 20; i += 2)
            root.Delete($"/file{i}");
        return image;
    }

    private static List<string> Tree(string image)
    {
        using var root = TinyCard.OpenRoot(image);
        return [.. root.Walk().Select(e => $"{e} {(e.Type == Ext4FileType.RegularFile ? Sample.Sha256(root.ReadAllBytes(e.Path)) : "")}")];
    }
}

using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Inspection;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Validation;

namespace W4b.Image.Tests.Inspection;

/// <summary>An image is looked into by ordinary paths, whatever file it is in.</summary>
public sealed class CardImageTests(RuleCard card) : IClassFixture<RuleCard>
{
    private const long BootOffset = 8192 * 512;

    [Theory]
    [InlineData("img")]
    [InlineData("img.xz")]
    [InlineData("two streams of small blocks.img.xz")]
    public async Task Paths_behave_like_paths(string kind)
    {
        using var image = CardImage.Open(await ArchiveAsync(kind));
        var (root, boot) = (image.Root, image.Boot);
        Assert.Equal("hive-a\n", root["/etc/hostname"].ReadAllText());
        Assert.Equal("program", root["/bin/bash"].ReadAllText());
        Assert.Equal(["hive-a"], root["/etc"]["hostname"].ReadAllLines());
        Assert.True(root["/bin"] is { IsSymbolicLink: true, IsDirectory: true, LinkTarget: "usr/bin" });
        Assert.Equal("/etc", root["/etc/hostname"].Parent.FullPath);
        Assert.Equal("/", root["/etc"].Parent.FullPath);
        Assert.False(root["/etc/nothing"].Exists || root["/etc/hostname/below"].Exists);
        Assert.Equal((PlanModes.PrivateFolder, 1000u, 1000u), (root["/home/w4b"].Mode, root["/home/w4b"].UserId, root["/home/w4b"].GroupId));
        Assert.Equal(["10-w4b.conf"], root["/etc/ssh/sshd_config.d"].Children().Select(p => p.Name));
        Assert.Equal(["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d", "/etc/ssh/sshd_config.d/10-w4b.conf"], root["/etc/ssh"].Descendants().Select(p => p.FullPath));
        Assert.Empty(root["/etc/hostname"].Children());
        Assert.Contains("/etc in the image is no file", Assert.Throws<W4bException>(root["/etc"].ReadAllText).Message, StringComparison.Ordinal);
        Assert.Contains("has no /etc/nothing", Assert.Throws<W4bException>(root["/etc/nothing"].ReadAllText).Message, StringComparison.Ordinal);

        Assert.Equal("on the boot partition\n", boot["/EXTRA.TXT"].ReadAllText());
        Assert.Equal("on the boot partition\n", root["/boot/firmware/extra.txt"].ReadAllText());
        Assert.Contains("vmlinuz", root["/boot/firmware"].Children().Select(p => p.Name));
        Assert.Contains("/boot/firmware/config.txt", root["/boot"].Descendants().Select(p => p.FullPath));
        Assert.Equal(boot["/"].Children().Select(p => p.Name), root["/boot/firmware"].Children().Select(p => p.Name));
    }

    [Fact]
    public async Task Of_an_archive_only_what_is_read_is_decoded()
    {
        using var reader = new XzImageReader(XzArchive.Open(await ArchiveAsync("img.xz")));
        var blocks = reader.Length / XzCompressor.BlockSize;
        using var image = CardImage.Open(reader);
        Assert.Equal("hive-a\n", image.Root["/etc/hostname"].ReadAllText());
        Assert.InRange(reader.Decoded, 1, blocks / 4);
    }

    [Fact]
    public async Task A_damaged_block_is_named_when_it_is_read()
    {
        var path = await ArchiveAsync("img.xz", BootOffset);
        using (var archive = XzArchive.Open(path))
        {
            var block = archive.Blocks.Single(b => b.Offset == BootOffset);
            Flip(path, block.ArchiveOffset + block.ArchiveSize / 2);
        }

        var error = Assert.Throws<W4bException>(() =>
        {
            using var image = CardImage.Open(path);
            return image.Boot["/config.txt"].ReadAllText();
        });
        Assert.Equal(DiagnosticCode.ImageDamaged, error.Diagnostics[0].Code);
        Assert.Contains("the check of block 2 of", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_announced_is_decoded_once_and_its_damage_told_by_who_reads_it()
    {
        var path = await ArchiveAsync("img.xz");
        IReadOnlyList<XzIndexBlock> blocks;
        using (var archive = XzArchive.Open(path))
            blocks = archive.Blocks;
        Flip(path, blocks[1].ArchiveOffset + blocks[1].ArchiveSize / 2);
        using var reader = new XzImageReader(XzArchive.Open(path));
        reader.Announce([blocks[0].Offset, blocks[1].Offset, blocks[1].Offset + 1, reader.Length]);
        Assert.Equal(2, reader.Decoded);
        Assert.Equal(16, reader.Read(0, new byte[16]));
        Assert.Equal(2, reader.Decoded);
        Assert.Contains("the check of block 2 of", Assert.Throws<W4bException>(() => reader.Read(blocks[1].Offset, new byte[16])).Message, StringComparison.Ordinal);
        // Closing waits for what is still decoded, and says nothing of it.
        reader.Announce(blocks.Select(b => b.Offset));
    }

    [Fact]
    public async Task An_archive_of_one_block_is_told_what_to_do()
    {
        var raw = await card.CopyAsync("one block.img");
        File.WriteAllBytes(raw + ".xz", Sample.Pipe(File.ReadAllBytes(raw), "xz", "-0", "-c", "-T1"));
        Assert.Contains("xz -dk", Assert.Throws<W4bException>(() => CardImage.Open(raw + ".xz")).Message, StringComparison.Ordinal);
    }

    internal static void Flip(string path, long offset)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> value = stackalloc byte[1];
        Assert.Equal(1, RandomAccess.Read(file, value, offset));
        value[0] ^= 1;
        RandomAccess.Write(file, value, offset);
    }

    private async Task<string> ArchiveAsync(string kind, params long[] finePlaces)
    {
        var raw = await card.CopyAsync($"{Guid.NewGuid():N}.img");
        switch (kind)
        {
            case "img.xz":
                await XzCompressor.CompressAsync(raw, raw + ".xz", new XzOptions { Level = 0, Threads = 1, Places = new BlockPlaces(finePlaces, []) }, card.Log, default);
                return raw + ".xz";
            case "two streams of small blocks.img.xz":
                var bytes = File.ReadAllBytes(raw);
                File.WriteAllBytes(raw + ".xz", [.. bytes.Chunk(bytes.Length / 2 + 12345).SelectMany(part => Sample.Pipe(part, "xz", "-0", "-c", "--block-size=300000"))]);
                return raw + ".xz";
            default:
                return raw;
        }
    }
}

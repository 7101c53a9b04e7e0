using W4b.Image.Compression;
using W4b.Image.Disk;

namespace W4b.Image.Tests.Compression;

/// <summary>An archive that takes over another's blocks is, to the byte, the one that is made without.</summary>
public sealed class XzReferenceTests : IDisposable
{
    private const int Block = XzCompressor.BlockSize;
    private static readonly XzOptions s_fast = new() { Level = 0 };
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Changes => ["nothing", "one byte", "last byte", "first block", "a hole is filled", "a block becomes zeros", "longer", "shorter", "blocks change places"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Whatever_changed_the_archive_is_the_one_made_from_scratch(string change)
    {
        var layer = Layer();
        File.WriteAllBytes(_folder["layer.img"], layer);
        var (hive, own) = Change(layer, change);
        File.WriteAllBytes(_folder["hive.img"], hive);
        using var reference = await ReferenceAsync();

        var scratch = await CompressAsync("hive.img", "scratch.xz", s_fast);
        var spliced = await CompressAsync("hive.img", "spliced.xz", s_fast with { Reference = reference });

        Assert.Equal(File.ReadAllBytes(_folder["scratch.xz"]), File.ReadAllBytes(_folder["spliced.xz"]));
        Assert.Equal((scratch.RawSha256, scratch.ArchiveSha256), (spliced.RawSha256, spliced.ArchiveSha256));
        Assert.Equal(scratch.Blocks, spliced.Blocks);
        Assert.Equal(scratch.RawStates, spliced.RawStates);
        Assert.Equal(own, spliced.EncodedBlocks);
        Assert.Equal(hive, Sample.Pipe([], "xz", "-dc", _folder["spliced.xz"]));
    }

    [Theory]
    [InlineData("bsdcat")]
    [InlineData("python3", "-c", "import lzma, sys; sys.stdout.buffer.write(lzma.decompress(sys.stdin.buffer.read()))")]
    [InlineData("7zz", "e", "-txz", "-si", "-so")]
    [InlineData("xz", "-dc")]
    public async Task Every_reader_of_xz_accepts_it(string program, params string[] arguments)
    {
        File.WriteAllBytes(_folder["layer.img"], Layer());
        var (hive, _) = Change(Layer(), "one byte");
        File.WriteAllBytes(_folder["hive.img"], hive);
        using var reference = await ReferenceAsync();
        await CompressAsync("hive.img", "hive.img.xz", s_fast with { Reference = reference });
        Assert.Equal(hive, Sample.Pipe(File.ReadAllBytes(_folder["hive.img.xz"]), program, arguments));
    }

    [Fact]
    public async Task A_damaged_block_is_found_encoded_anew_and_the_reference_discarded()
    {
        File.WriteAllBytes(_folder["layer.img"], Layer());
        using var reference = await ReferenceAsync();
        var scratch = await CompressAsync("layer.img", "scratch.xz", s_fast);
        using (var file = new FileStream(_folder["layer.xz"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = scratch.Blocks[0].ArchiveOffset + 1000;
            file.WriteByte(0x5a);
        }

        var spliced = await CompressAsync("layer.img", "spliced.xz", s_fast with { Reference = reference });
        Assert.Equal(scratch.ArchiveSha256, spliced.ArchiveSha256);
        Assert.Equal(1, spliced.EncodedBlocks);
        Assert.True(reference.IsDamaged);
        reference.Discard();
        Assert.Null(XzReference.Open(_folder["layer.xz"]));
    }

    [Fact]
    public async Task What_is_equal_at_the_beginning_is_not_hashed_again()
    {
        File.WriteAllBytes(_folder["layer.img"], Layer());
        // The state before the last block is what the hash goes on from when all before it is equal. With another state in the index
        // the hash comes out wrong: so it is used.
        var result = await CompressAsync("layer.img", "layer.xz", s_fast);
        XzReference.Complete(_folder["layer.xz"], result with { RawStates = [.. result.RawStates.SkipLast(1), result.RawStates[0]] });
        using var reference = XzReference.Open(_folder["layer.xz"])!;
        var (hive, _) = Change(Layer(), "last byte");
        File.WriteAllBytes(_folder["hive.img"], hive);
        Assert.NotEqual(Sample.Sha256(hive), (await CompressAsync("hive.img", "hive.xz", s_fast with { Reference = reference })).RawSha256);
    }

    [Fact]
    public async Task An_archive_without_its_index_is_none()
    {
        File.WriteAllBytes(_folder["layer.img"], Layer());
        await CompressAsync("layer.img", "layer.xz", s_fast);
        Assert.Null(XzReference.Open(_folder["layer.xz"]));
        foreach (var index in new[] { "[{", "[{\"Offset\": 0, \"Size\": 4194304}]", "{\"Blocks\": []}" })
        {
            File.WriteAllText(_folder["layer.xz.json"], index);
            Assert.Null(XzReference.Open(_folder["layer.xz"]));
        }
    }

    [Fact]
    public async Task Where_blocks_are_fine_only_those_that_changed_are_encoded()
    {
        // The hive's fine places are others than the layer's: what was cut otherwise is encoded, and the result is right all the same.
        File.WriteAllBytes(_folder["layer.img"], Layer());
        var (hive, _) = Change(Layer(), "one byte");
        File.WriteAllBytes(_folder["hive.img"], hive);
        const int small = XzCompressor.FineBlockSize;
        var fine = s_fast with { Places = new BlockPlaces([3 * Block + small, 3 * Block + 17], []) };
        var other = s_fast with { Places = new BlockPlaces([3 * Block, small + 5], []) };
        XzReference.Complete(_folder["layer.xz"], await CompressAsync("layer.img", "layer.xz", fine));
        using var reference = XzReference.Open(_folder["layer.xz"])!;

        var same = await CompressAsync("hive.img", "same.xz", fine with { Reference = reference });
        Assert.Equal((1, small), (same.EncodedBlocks, same.EncodedBytes));
        var changed = same.Blocks.Single(b => !hive.AsSpan((int)b.Offset, (int)b.Size).SequenceEqual(Layer().AsSpan((int)b.Offset, (int)b.Size)));
        Assert.Equal([new ByteRange(0, changed.Offset), new ByteRange(changed.Offset + changed.Size, hive.Length)], reference.EqualRanges(same.Blocks));
        // The other half of what was halved to get at the fine one, each time.
        List<long> halves = [];
        for (long half = 2 * small; half < Block; half *= 2)
            halves.Add(half);
        Assert.Equal([Block, Block, Block, small, small, .. halves, 12345], same.Blocks.Select(b => b.Size));
        var scratch = await CompressAsync("hive.img", "scratch.xz", other);
        var spliced = await CompressAsync("hive.img", "spliced.xz", other with { Reference = reference });
        Assert.Equal((scratch.RawSha256, scratch.ArchiveSha256), (spliced.RawSha256, spliced.ArchiveSha256));
        Assert.Equal(scratch.RawStates, spliced.RawStates);
        Assert.Equal([small, small, .. halves, Block, Block, small, small, .. halves, 12345], spliced.Blocks.Select(b => b.Size));
        // The first block's parts, and the one with the changed byte: the fourth is cut the same for either place.
        Assert.Equal(2 + halves.Count + 1, spliced.EncodedBlocks);
        Assert.Equal(hive, Sample.Pipe([], "xz", "-dc", _folder["spliced.xz"]));
        Assert.Equal(Sample.Sha256(hive), spliced.RawSha256);
    }

    [Fact]
    public async Task An_image_that_goes_on_behind_the_layers_end_is_hashed_right()
    {
        // The layer ends with a whole block, behind which there is no state to go on from.
        var layer = Layer()[..(4 * Block)];
        File.WriteAllBytes(_folder["layer.img"], layer);
        byte[] hive = [.. layer, .. Sample.Image(Block, seed: 5)];
        File.WriteAllBytes(_folder["hive.img"], hive);
        using var reference = await ReferenceAsync();
        Assert.Equal(Sample.Sha256(hive), (await CompressAsync("hive.img", "hive.xz", s_fast with { Reference = reference })).RawSha256);
    }

    // Of data, a hole, zeros, data, and a short block.
    private static byte[] Layer()
    {
        var layer = new byte[4 * Block + 12345];
        Sample.Image(Block).CopyTo(layer, 0);
        Sample.Image(Block + 12345, seed: 2).CopyTo(layer, 3 * Block);
        return layer;
    }

    // The image, and how many of its blocks are neither the layer's nor zeros.
    private static (byte[] Image, int Own) Change(byte[] layer, string change)
    {
        var image = (byte[])layer.Clone();
        switch (change)
        {
            case "one byte": image[3 * Block + 5] ^= 1; return (image, 1);
            case "last byte": image[^1] ^= 1; return (image, 1);
            case "first block": Sample.Image(Block, seed: 9).CopyTo(image, 0); return (image, 1);
            case "a hole is filled": image[Block + 7] = 7; return (image, 1);
            case "a block becomes zeros": image.AsSpan(0, Block).Clear(); return (image, 0);
            case "longer": return ([.. image, .. Sample.Image(3 * Block, seed: 4)], 4);
            case "shorter": return (image[..(3 * Block + 99)], 1);
            case "blocks change places": return ([.. image[(3 * Block)..(4 * Block)], .. image[Block..(3 * Block)], .. image[..Block], .. image[(4 * Block)..]], 2);
            default: return (image, 0);
        }
    }

    private async Task<XzReference> ReferenceAsync()
    {
        XzReference.Complete(_folder["layer.xz"], await CompressAsync("layer.img", "layer.xz", s_fast));
        return XzReference.Open(_folder["layer.xz"])!;
    }

    private Task<XzResult> CompressAsync(string image, string archive, XzOptions options)
        => XzCompressor.CompressAsync(_folder[image], _folder[archive], options, new ListLog(), default);
}

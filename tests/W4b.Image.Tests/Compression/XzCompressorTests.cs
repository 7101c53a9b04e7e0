using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Tests.Compression;

public sealed class XzCompressorTests : IDisposable
{
    private static readonly XzOptions Fast = new() { Level = 0 };
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Block by block: mixed, a hole, written zeros, compressible, and a short one.
    private string WriteImage(out byte[] content)
    {
        const int block = XzCompressor.BlockSize;
        content = new byte[4 * block + 12345];
        Sample.Image(block).CopyTo(content, 0);
        Sample.Image(block + 12345, seed: 2).CopyTo(content, 3 * block);
        var path = _folder["card.img"];
        using var file = File.Create(path);
        file.Write(content.AsSpan(0, block));
        file.Position = 2 * block;
        file.Write(content.AsSpan(2 * block));
        return path;
    }

    private static byte[] Noise(int size)
    {
        var noise = new byte[size];
        new Random(1).NextBytes(noise);
        return noise;
    }

    [Fact]
    public async Task The_archive_is_an_ordinary_xz_file_of_independent_blocks()
    {
        var image = WriteImage(out var content);
        var archive = _folder["card.img.xz"];

        var result = await XzCompressor.CompressAsync(image, archive, Fast, new ListLog(), default);

        var bytes = File.ReadAllBytes(archive);
        Assert.Equal(content, Sample.Pipe([], "xz", "-dc", archive));
        Sample.Pipe([], "xz", "-t", archive);
        Assert.Contains("CRC64", System.Text.Encoding.UTF8.GetString(Sample.Pipe([], "xz", "--list", archive)), StringComparison.Ordinal);
        Assert.Equal((content.Length, bytes.Length), (result.RawBytes, result.ArchiveBytes));
        Assert.Equal((Sample.Sha256(content), Sample.Sha256(bytes)), (result.RawSha256, result.ArchiveSha256));
        Assert.Equal(5, result.Blocks.Count);
        Assert.Equal(12345, result.Blocks[4].Size);
        Assert.Equal(result.Blocks[1].UnpaddedSize, result.Blocks[2].UnpaddedSize);
        Assert.Equal(["card.img", "card.img.xz"], _folder.Files);
    }

    [Fact]
    public async Task The_number_of_threads_does_not_change_the_archive()
    {
        var image = WriteImage(out _);
        var results = new List<XzResult>();
        foreach (var threads in new[] { 1, 2, 5 })
            results.Add(await XzCompressor.CompressAsync(
                image, _folder[$"{threads}.xz"], Fast with { Threads = threads, MemoryLimit = long.MaxValue }, new ListLog(), default));

        Assert.Single(results.Select(r => r.ArchiveSha256).Distinct());
        Assert.Equal(File.ReadAllBytes(_folder["1.xz"]), File.ReadAllBytes(_folder["5.xz"]));
    }

    [Fact]
    public async Task Blocks_of_one_archive_can_stand_in_another()
    {
        var image = WriteImage(out var content);
        var archive = _folder["layer.xz"];
        var result = await XzCompressor.CompressAsync(image, archive, Fast, new ListLog(), default);
        var bytes = File.ReadAllBytes(archive);

        var spliced = new MemoryStream();
        using (var writer = new XzArchiveWriter(spliced))
        {
            foreach (var block in result.Blocks.Reverse())
                writer.Append(bytes.AsSpan((int)block.ArchiveOffset, (int)block.ArchiveSize), block.UnpaddedSize, block.Size, block.RawHash, block.EncodedHash);
            Assert.Equal(writer.Finish(), Sample.Sha256(spliced.ToArray()));
        }

        var expected = result.Blocks.Reverse().SelectMany(b => content.Skip((int)b.Offset).Take((int)b.Size)).ToArray();
        Assert.Equal(expected, Sample.Pipe(spliced.ToArray(), "xz", "-dc"));
    }

    [Fact]
    public async Task What_cannot_be_compressed_again_is_kept_as_it_is_between_what_can()
    {
        // Text, then what was compressed before, over the border of two blocks, then text.
        const int block = XzCompressor.BlockSize;
        var text = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, block / 2 / 8).Select(i => $"{i:d7}\n")));
        byte[] content = [.. text, .. Noise(block), .. text];
        var result = await XzCompressor.CompressAsync(_folder.Write("card.img", content), _folder["card.xz"], new XzOptions(), new ListLog(), default);

        Assert.Equal(2, result.Blocks.Count);
        Assert.InRange(result.ArchiveBytes, block, block + block / 4);
        Assert.Equal(content, Sample.Pipe([], "xz", "-dc", _folder["card.xz"]));
        // As it is: it can be found in the archive.
        Assert.True(File.ReadAllBytes(_folder["card.xz"]).AsSpan().IndexOf(content.AsSpan(block * 3 / 4, 1000)) > 0);
    }

    [Fact]
    public async Task A_coarse_block_finds_again_what_is_further_away_than_a_block()
    {
        // Twice the same five MiB: in blocks of their own neither helps the other.
        var half = Noise(XzCompressor.BlockSize * 5 / 4);
        var image = _folder.Write("card.img", [.. half, .. half]);
        var usual = await XzCompressor.CompressAsync(image, _folder["usual.xz"], new XzOptions(), new ListLog(), default);
        var places = new BlockPlaces([], [new ByteRange(0, 2 * half.Length)]);
        var coarse = await XzCompressor.CompressAsync(image, _folder["coarse.xz"], new XzOptions { Places = places }, new ListLog(), default);
        Assert.Equal([2 * half.Length], coarse.Blocks.Select(b => b.Size));
        Assert.InRange(coarse.ArchiveBytes, half.Length, half.Length * 1.01);
        Assert.InRange(usual.ArchiveBytes, 2 * half.Length, long.MaxValue);
        Assert.Equal(coarse.RawSha256, usual.RawSha256);
        Sample.Pipe([], "xz", "-t", _folder["coarse.xz"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(XzCompressor.BlockSize)]
    public async Task Small_images_are_images_too(int size)
    {
        var image = _folder.Write("small.img", Sample.Image(size));
        await XzCompressor.CompressAsync(image, _folder["small.xz"], Fast, new ListLog(), default);
        Assert.Equal(Sample.Image(size), Sample.Pipe([], "xz", "-dc", _folder["small.xz"]));
    }

    [Fact]
    public async Task The_archive_has_the_mode_asked_for_and_replaces_an_old_one()
    {
        var image = _folder.Write("card.img", Sample.Image(1000));
        var archive = _folder.Write("card.xz", [1, 2, 3]);
        _folder.Write("card.xz.partial", [4]);
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        await XzCompressor.CompressAsync(image, archive, Fast with { Mode = mode }, new ListLog(), default);

        Assert.Equal(mode, File.GetUnixFileMode(archive));
        Assert.Equal(Sample.Image(1000), Sample.Pipe([], "xz", "-dc", archive));
    }

    [Fact]
    public async Task A_missing_image_leaves_nothing()
    {
        var failure = await Assert.ThrowsAsync<W4bException>(
            () => XzCompressor.CompressAsync(_folder["none.img"], _folder["none.xz"], Fast, new ListLog(), default));
        Assert.Equal(DiagnosticCode.CompressionFailed, failure.Diagnostics[0].Code);
        Assert.Contains("none.img", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task An_output_folder_is_made_and_one_that_cannot_be_is_an_error()
    {
        var image = _folder.Write("card.img", Sample.Image(1000));
        await XzCompressor.CompressAsync(image, _folder["bin/sub/card.xz"], Fast, new ListLog(), default);
        Assert.True(File.Exists(_folder["bin/sub/card.xz"]));

        var failure = await Assert.ThrowsAsync<W4bException>(
            () => XzCompressor.CompressAsync(image, _folder["card.img/card.xz"], Fast, new ListLog(), default));
        Assert.Equal(DiagnosticCode.CompressionFailed, failure.Diagnostics[0].Code);
    }

    [Fact]
    public async Task A_full_disk_is_an_error_of_its_own()
    {
        var image = _folder.Write("card.img", Sample.Image(100_000));
        using var input = File.OpenHandle(image);
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using var pipeline = new XzPipeline(input, full, Fast, new ListLog());
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => pipeline.CompressAsync(default));
        Assert.Equal(DiagnosticCode.NoSpace, IoFailure.Translate(failure, "/dev/full").Diagnostics[0].Code);
    }

    [Fact]
    public async Task Cancellation_leaves_nothing()
    {
        var image = WriteImage(out _);
        using var cancellation = new CancellationTokenSource();
        var log = new ListLog { OnLine = _ => cancellation.Cancel() };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => XzCompressor.CompressAsync(image, _folder["card.xz"], Fast with { Threads = 1 }, log, cancellation.Token));

        Assert.Equal(["card.img"], _folder.Files);
    }
}

using W4b.Image.Compression;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Compression;

public sealed class XzParallelDecoderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private XzParallelDecoderStream? Open(byte[] archive, int threads = 3, long memory = XzParallelDecoderStream.MemoryLimit)
    {
        var file = File.OpenRead(_folder.Write("image.xz", archive));
        var stream = XzParallelDecoderStream.TryOpen(file, threads, memory);
        if (stream is null)
            file.Dispose();
        return stream;
    }

    private static byte[] ReadAll(Stream stream)
    {
        var content = new MemoryStream();
        stream.CopyTo(content, 999);
        return content.ToArray();
    }

    [Theory]
    [InlineData(1, "--check=crc64")]
    [InlineData(1, "--check=sha256")]
    [InlineData(1, "--check=crc32")]
    [InlineData(1, "--check=none")]
    [InlineData(1, "--x86", "--delta=dist=4", "--lzma2=preset=1")]
    [InlineData(4, "-6")]
    public void Blocks_of_all_streams_come_in_their_order(int streams, params string[] options)
    {
        var raw = Sample.Image(1_000_003);
        byte[] archive = [.. raw.Chunk((raw.Length + streams - 1) / streams).SelectMany(part => Sample.Pipe(part, "xz", ["-c", "--block-size=65536", .. options]))];
        using var stream = Open(archive);
        Assert.NotNull(stream);
        Assert.Equal(raw, ReadAll(stream));
    }

    [Fact]
    public void One_block_is_for_the_other_decoder()
        => Assert.Null(Open(Sample.Pipe(Sample.Image(100_000), "xz", "-c")));

    [Fact]
    public void Blocks_too_large_for_the_memory_are_for_the_other_decoder()
    {
        var archive = Sample.Pipe(Sample.Image(1_000_000), "xz", "-9c", "--block-size=300000");
        // The decoder of -9 takes 64 MiB for its dictionary: two of them and two blocks' buffers do not fit.
        Assert.Null(Open(archive, memory: 100 << 20));
        using var stream = Open(archive, memory: 300 << 20);
        Assert.NotNull(stream);
    }

    [Fact]
    public void Every_flipped_byte_is_found()
    {
        var raw = Sample.Image(60_000);
        var archive = Sample.Pipe(raw, "xz", "-0c", "--block-size=16384");
        // Every 97th: headers, data, paddings, checks, index and footer all have some.
        for (var at = 0; at < archive.Length; at += 97)
        {
            var damaged = (byte[])archive.Clone();
            damaged[at] ^= 0x10;
            var path = _folder.Write("image.xz", damaged);
            Assert.Equal(DiagnosticCode.ArchiveDamaged, Assert.Throws<W4bException>(() =>
            {
                using var stream = Archives.OpenRead(path);
                ReadAll(stream);
            }).Diagnostics[0].Code);
        }
    }

    [Fact]
    public void A_stream_that_is_left_lets_go_of_its_file()
    {
        using (var stream = Open(Sample.Archive("xz", Sample.Image(1_000_000))))
            Assert.Equal(10, stream!.Read(new byte[10]));
        Assert.False(File.Exists(_folder["image.xz"]) && IsOpen(_folder["image.xz"]));
    }

    private static bool IsOpen(string path)
        => Directory.GetFiles("/proc/self/fd").Any(fd => new FileInfo(fd).LinkTarget == path);
}

using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;

namespace W4b.Image.Tests.Layers.Download;

public sealed class BaseImageCacheTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly CacheFolder _cache;
    private readonly BaseImageDownload _download = new(time: FastTime.Delays);

    public BaseImageCacheTests() => _cache = new CacheFolder(_folder["cache"]);

    public void Dispose()
    {
        _download.Dispose();
        _folder.Dispose();
    }

    // A megabyte of zeros between data.
    private static byte[] Raw()
    {
        var raw = new byte[512 * 4096];
        Sample.Image(256 * 1024).CopyTo(raw, 0);
        Sample.Image(1024).CopyTo(raw, raw.Length - 4096);
        return raw;
    }

    private Task<BaseImage> ObtainAsync(Uri url, byte[] file)
        => new BaseImageCache(_download, _cache, _log).ObtainAsync(new DownloadConfiguration(url.AbsoluteUri, Sample.Sha256(file)), default);

    [Theory]
    [InlineData("img")]
    [InlineData("xz")]
    [InlineData("gz")]
    [InlineData("zst")]
    [InlineData("zip")]
    public async Task Every_kind_becomes_a_raw_image_named_by_its_checksum(string kind)
    {
        var file = Sample.Archive(kind, Raw());
        var url = new Uri(_folder.Write($"card.{kind}", file));

        var image = await ObtainAsync(url, file);

        Assert.Equal(Raw(), File.ReadAllBytes(image.Path));
        Assert.Equal((Sample.Sha256(Raw()), Raw().Length), (image.Sha256.ToString(), image.Size));
        Assert.Equal($"{image.Sha256}.img", Path.GetFileName(image.Path));

        // A second build needs neither the source nor, where there is an unpacked image, the download.
        File.Delete(url.LocalPath);
        if (kind != "img")
            Directory.Delete(_cache.Downloads, recursive: true);
        Assert.Equal(image, await ObtainAsync(url, file));
    }

    [Fact]
    public async Task Zeros_become_holes()
    {
        var file = Sample.Archive("xz", Raw());
        var image = await ObtainAsync(new Uri(_folder.Write("card.xz", file)), file);
        using var handle = File.OpenHandle(image.Path);
        Assert.True(new HoleFinder(handle).IsHole(512 * 1024, 1024 * 1024));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gz")]
    [InlineData("zst")]
    [InlineData("zip")]
    [InlineData("img")]
    public async Task A_damaged_archive_leaves_nothing(string kind)
    {
        var file = Sample.Archive(kind, Raw())[..^5];
        var failure = await Assert.ThrowsAsync<W4bException>(() => ObtainAsync(new Uri(_folder.Write("card", file)), file));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, failure.Diagnostics[0].Code);
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Base));
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Downloads));
    }

    [Fact]
    public async Task An_image_too_large_for_the_disk_is_told_before_it_is_unpacked()
    {
        // A zstd frame header, RFC 8878 section 3.1.1.1: single segment, eight bytes of content size (2^60).
        byte[] file = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x10];
        var failure = await Assert.ThrowsAsync<W4bException>(() => ObtainAsync(new Uri(_folder.Write("card.zst", file)), file));
        Assert.Equal(DiagnosticCode.NoSpace, failure.Diagnostics[0].Code);
        Assert.Contains(_cache.Base, failure.Message, StringComparison.Ordinal);
        Assert.Contains("1073741824.00 GiB", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Base));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:12")]
    [InlineData("sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void A_checksum_is_64_hexadecimal_digits(string text)
        => Assert.Equal(DiagnosticCode.InvalidValue, Assert.Throws<W4bException>(() => Sha256Digest.Parse(text)).Diagnostics[0].Code);
}

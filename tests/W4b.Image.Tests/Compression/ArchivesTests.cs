using W4b.Image.Compression;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Compression;

public sealed class ArchivesTests : IDisposable
{
    private static readonly byte[] Raw = Sample.Image(512 * 400);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] ReadAll(string path)
    {
        using var stream = Archives.OpenRead(path);
        var content = new MemoryStream();
        stream.CopyTo(content, 1000);
        return content.ToArray();
    }

    [Theory]
    [InlineData("img", ArchiveKind.Raw)]
    [InlineData("xz", ArchiveKind.Xz)]
    [InlineData("gz", ArchiveKind.Gzip)]
    [InlineData("zst", ArchiveKind.Zstd)]
    [InlineData("zip", ArchiveKind.Zip)]
    public void Every_kind_is_known_by_its_content_and_read(string kind, ArchiveKind expected)
    {
        var path = _folder.Write("name-without-extension", Sample.Archive(kind, Raw));
        Assert.Equal(expected, Archives.Identify(path));
        Assert.Equal(Raw, ReadAll(path));
        // zstd says no size when it reads from a pipe.
        Assert.Equal(kind == "zst" ? null : Raw.Length, Archives.RawSize(path));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gz")]
    [InlineData("zst")]
    public void Archives_of_several_parts_are_one_image(string kind)
    {
        var path = _folder.Write("image", Sample.Archive(kind, Raw, parts: 3));
        Assert.Equal(Raw, ReadAll(path));
    }

    [Fact]
    public void All_streams_of_an_xz_file_count_for_its_size()
        => Assert.Equal(Raw.Length, Archives.RawSize(_folder.Write("image", Sample.Archive("xz", Raw, parts: 3))));

    [Fact]
    public void A_zstd_file_tells_its_size_when_it_knows_it()
    {
        _folder.Write("image", Raw);
        Sample.Pipe([], "zstd", "-q", "-1", _folder["image"], "-o", _folder["image.zst"]);
        Assert.Equal(Raw.Length, Archives.RawSize(_folder["image.zst"]));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gz")]
    [InlineData("zst")]
    [InlineData("zip")]
    public void Damage_is_found(string kind)
    {
        var whole = Sample.Archive(kind, Raw);
        var flipped = whole.ToArray();
        flipped[whole.Length / 2] ^= 0x10;
        var damaged = new Dictionary<string, byte[]> { ["flipped"] = flipped, ["middle"] = whole[..(whole.Length / 2)] };
        foreach (var missing in (int[]) [1, 3, 4, 5, 8, 9, 12, 20, 100])
            damaged[$"{missing} bytes short"] = whole[..^missing];

        foreach (var (how, content) in damaged)
        {
            var path = _folder.Write("image", content);
            var failure = Record.Exception(() => ReadAll(path));
            Assert.True((failure as W4bException)?.Diagnostics[0].Code == DiagnosticCode.ArchiveDamaged, $"{kind}, {how}: {failure}");
            Assert.Contains(path, failure!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gz")]
    [InlineData("zst")]
    public void Damage_in_a_later_part_is_found(string kind)
    {
        var path = _folder.Write("image", Sample.Archive(kind, Raw, parts: 3)[..^3]);
        var failure = Assert.Throws<W4bException>(() => ReadAll(path));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, failure.Diagnostics[0].Code);
    }

    [Fact]
    public void Of_a_zip_the_only_image_is_taken()
    {
        var path = _folder.Write("image", Sample.Zip(("README", [1]), ("a/card.img", Raw), ("__MACOSX/a/._card.img", [2])));
        Assert.Equal(Raw, ReadAll(path));
    }

    [Fact]
    public void Of_a_zip_the_only_file_is_taken()
        => Assert.Equal(Raw, ReadAll(_folder.Write("image", Sample.Zip(("folder/", []), ("folder/card.raw", Raw)))));

    [Fact]
    public void A_zip_of_two_images_is_refused()
    {
        var path = _folder.Write("image", Sample.Zip(("a.img", Raw), ("b.img", Raw)));
        var failure = Assert.Throws<W4bException>(() => ReadAll(path));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, failure.Diagnostics[0].Code);
        Assert.Contains("2 .img files", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        var failure = Assert.Throws<W4bException>(() => Archives.OpenRead(_folder.Write("image", "<html>Not found</html>"u8.ToArray())));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, failure.Diagnostics[0].Code);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var failure = Assert.Throws<W4bException>(() => Archives.OpenRead(_folder["none.img"]));
        Assert.Equal(DiagnosticCode.FileAccess, failure.Diagnostics[0].Code);
        Assert.Contains("none.img", failure.Message, StringComparison.Ordinal);
    }
}

using W4b.Image.Configuration;

namespace W4b.Image.Tests.Configuration;

/// <summary>What the keys of <c>base_image</c> become.</summary>
public sealed class BaseImageTests
{
    private static readonly string Checksum = new('c', 64);

    private static BaseImageConfiguration Read(string keys) => TestHive.Read($"hive_id: hive_a\nbase_image: {{{keys}}}\n").Base;

    [Theory]
    [InlineData("version: '2026-06-18'", "arm64", "raspios_lite_arm64-2026-06-19/2026-06-18-raspios-trixie-arm64-lite.img.xz", "acff736c")]
    [InlineData("version: '2024-11-19', architecture: armhf", "armhf", "raspios_lite_armhf-2024-11-19/2024-11-19-raspios-bookworm-armhf-lite.img.xz", "1dacc70c")]
    [InlineData("version: 2025-05-13-raspios-bookworm-armhf-lite", "armhf", "raspios_lite_armhf-2025-05-13/2025-05-13-raspios-bookworm-armhf-lite.img.xz", "a73d68b6")]
    public void A_release_is_known_by_its_date_or_its_name(string keys, string architecture, string path, string sha256)
    {
        var image = Read(keys);
        Assert.Equal(architecture, image.Architecture);
        Assert.Equal($"https://downloads.raspberrypi.com/raspios_lite_{architecture}/images/{path}", image.Download!.Url);
        Assert.StartsWith(sha256, image.Download.Sha256, StringComparison.Ordinal);
        Assert.Equal((image.Download.Url + ".sig", true), (image.Download.Signature!.Url, image.Download.Signature.KnownRelease));
        Assert.Equal(Path.GetFileName(path)[..10], image.Download.Signature.ReleaseDate!.Value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void No_two_releases_have_the_same_name_or_sha256()
    {
        var all = RaspberryPiOsReleases.All;
        Assert.Equal(all.Count, all.DistinctBy(r => r.Name).Count());
        Assert.Equal(all.Count, all.DistinctBy(r => r.Sha256).Count());
        Assert.All(all, r => Assert.Null(Values.Sha256(r.Sha256)));
        Assert.Equal([("bookworm", "arm64"), ("bookworm", "armhf"), ("trixie", "arm64"), ("trixie", "armhf")],
            all.Select(r => (r.Codename, r.Architecture)).Distinct().Order());
    }

    [Theory]
    [InlineData("https://images.example.org/2025-10-01-a.img.xz", "", "2025-10-01")]
    [InlineData("https://images.example.org/a.img.xz", ", version: 2025-10-01", "2025-10-01")]
    [InlineData("https://images.example.org/2025-13-01-a.img.xz", "", null)]
    public void A_signature_s_release_date_is_the_version_s_or_the_file_s(string url, string more, string? expected)
    {
        var signature = Read($"url: '{url}', checksum: {Checksum}, signature: '{url}.sig'{more}").Download!.Signature!;
        Assert.False(signature.KnownRelease);
        Assert.Equal(expected, signature.ReleaseDate?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("version: '2026-06-18', signature: none")]
    [InlineData("url: 'https://images.example.org/a.img.xz', checksum: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")]
    public void No_signature_is_checked_when_none_is_wanted_or_known(string keys) => Assert.Null(Read(keys).Download!.Signature);

    [Fact]
    public void Mirrors_keep_their_order_and_a_checksum_pins_any_url()
    {
        var download = Read($"version: latest, url: 'https://images.example.org/latest', checksum: {Checksum}, mirrors: ['https://b.example.org/x/', 'http://a.example.org']").Download!;
        Assert.Equal(["https://b.example.org/x/", "http://a.example.org"], download.Mirrors);
    }
}

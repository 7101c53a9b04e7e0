using System.Security.Cryptography;
using W4b.Image.Configuration;
using W4b.Image.Inspection;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;
using W4b.Image.Tests.Customization;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>A look-alike of a release, packed as the official ones are, from a mirror with all that belongs to it.</summary>
[Trait("Category", "Build")]
public sealed class ReleaseDownloadTests
{
    [Fact]
    public async Task A_release_comes_from_a_mirror_verified_and_is_unpacked()
    {
        const string name = "2026-06-18-raspios-trixie-arm64-lite";
        const string folder = "raspios_lite_arm64/images/raspios_lite_arm64-2026-06-19";
        using var work = new TestFolder();
        using var nginx = new NginxServer();
        using var key = new GpgKey(new DateOnly(2025, 11, 24));
        var archive = LookAlike.Make(name, nginx["mirror/" + folder], packed: true);
        key.Sign(archive, new DateOnly(2026, 6, 19));
        string sha256;
        using (var stream = File.OpenRead(archive))
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
        Assert.Equal($"{sha256}  {name}.img.xz\n", File.ReadAllText(archive + ".sha256"));

        // Its own server does not answer.
        var url = $"http://127.0.0.1:1/{folder}/{name}.img.xz";
        using var network = new CuttingProxy(nginx.Address, [100_000, 50_000]);
        using var download = new BaseImageDownload(time: FastTime.Delays);
        var log = new ListLog();
        var image = await new BaseImageCache(download, new CacheFolder(work["cache"]), log, [new PinnedKey(key.Fingerprint, new DateOnly(2025, 11, 24), null, key.Armored)])
            .ObtainAsync(new DownloadConfiguration(url, sha256)
            {
                Mirrors = [network.Url("mirror/").AbsoluteUri],
                Signature = new SignatureConfiguration(url + ".sig", new DateOnly(2026, 6, 18), KnownRelease: true, []),
            }, default);

        Assert.Contains(log.Lines, line => line.Contains("The signature is good", StringComparison.Ordinal));
        using var card = CardImage.Open(image.Path);
        Assert.EndsWith(" resize\n", card.Boot["/cmdline.txt"].ReadAllText(), StringComparison.Ordinal);
        Assert.Equal("uninitialized\n", card.Root["/etc/machine-id"].ReadAllText());
    }
}

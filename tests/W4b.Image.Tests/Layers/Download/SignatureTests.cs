using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>Signatures of images, from a real web server, by keys that the test makes.</summary>
public sealed class SignatureTests : IClassFixture<SignatureTests.Keys>, IDisposable
{
    private static readonly DateOnly Handover = new(2025, 10, 1);
    private static readonly DateOnly NewKey = new(2025, 11, 24);
    private readonly GpgKey _old;
    private readonly GpgKey _new;
    private readonly TestFolder _folder = new();
    private readonly NginxServer _nginx = new();
    private readonly BaseImageDownload _download = new(time: FastTime.Delays);
    private readonly CacheFolder _cache;
    private readonly ListLog _log = new();
    private readonly string _image;

    public SignatureTests(Keys keys)
    {
        (_old, _new) = (keys.Old, keys.New);
        _cache = new CacheFolder(_folder["cache"]);
        _image = _nginx["os.img.xz"];
        File.WriteAllBytes(_image, Sample.Archive("xz", Sample.Image(512 * 100)));
    }

    public void Dispose()
    {
        _download.Dispose();
        _nginx.Dispose();
        _folder.Dispose();
    }

    public sealed class Keys : IDisposable
    {
        public GpgKey Old { get; } = new(new DateOnly(2017, 4, 10), "rsa2048");

        public GpgKey New { get; } = new(NewKey);

        public void Dispose()
        {
            Old.Dispose();
            New.Dispose();
        }
    }

    private IReadOnlyList<PinnedKey> Publisher => [new(_old.Fingerprint, new DateOnly(2017, 4, 10), Handover, _old.Armored), new(_new.Fingerprint, NewKey, null, _new.Armored)];

    private DownloadConfiguration Source(DateOnly? released, bool known = true, params string[] keys)
        => new(_nginx.Url("os.img.xz").AbsoluteUri, Sample.Sha256(File.ReadAllBytes(_image)))
        {
            Signature = new SignatureConfiguration(_nginx.Url("os.img.xz.sig").AbsoluteUri, released, known, keys),
        };

    private Task<BaseImage> ObtainAsync(DownloadConfiguration source, IReadOnlyList<PinnedKey>? publisher = null)
        => new BaseImageCache(_download, _cache, _log, publisher ?? Publisher).ObtainAsync(source, default);

    private async Task<Diagnostic> FailAsync(DownloadConfiguration source, IReadOnlyList<PinnedKey>? publisher = null)
        => (await Assert.ThrowsAsync<W4bException>(() => ObtainAsync(source, publisher))).Diagnostics[0];

    [Fact]
    public async Task Each_key_is_good_for_the_releases_of_its_time()
    {
        // Signed on the day after, as the last one of the old key was.
        _old.Sign(_image, Handover.AddDays(1));
        await ObtainAsync(Source(Handover));
        Assert.Contains(_log.Lines, line => line.Contains($"made on 2025-10-02 by the key {_old.Fingerprint}", StringComparison.Ordinal));

        // Asked for once; what is in the cache is held against the configuration all the same.
        await ObtainAsync(Source(Handover));
        Assert.Equal(DiagnosticCode.SigningKeyNotValid, (await FailAsync(Source(NewKey))).Code);
        Assert.Single(_nginx.Stop(), r => r.Contains(".sig", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2025-10-02", false)]
    [InlineData("2025-11-23", true)]
    [InlineData("2017-04-09", false)]
    public async Task A_key_that_was_not_in_use_at_the_release_is_an_error_of_its_own(string released, bool byNew)
    {
        var date = DateOnly.Parse(released, System.Globalization.CultureInfo.InvariantCulture);
        (byNew ? _new : _old).Sign(_image, new DateOnly(2026, 1, 1));
        var failure = await FailAsync(Source(date));
        Assert.Equal(DiagnosticCode.SigningKeyNotValid, failure.Code);
        Assert.Contains(released, failure.Message, StringComparison.Ordinal);
        Assert.Contains(byNew ? "from 2025-11-24 on" : "to 2025-10-01", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_release_date_the_signature_s_own_counts()
    {
        _old.Sign(_image, NewKey);
        Assert.Equal(DiagnosticCode.SigningKeyNotValid, (await FailAsync(Source(null))).Code);
        _new.Sign(_image, NewKey);
        await ObtainAsync(Source(null));
    }

    [Fact]
    public async Task The_signature_of_another_file_is_wrong_and_nothing_is_kept()
    {
        _new.Sign(_image, NewKey);
        File.WriteAllBytes(_image, Sample.Archive("xz", Sample.Image(512 * 100, seed: 2)));
        var failure = await FailAsync(Source(NewKey));
        Assert.Equal(DiagnosticCode.SignatureWrong, failure.Code);
        Assert.Contains("not what was signed", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Base));
    }

    [Fact]
    public async Task Somebody_else_s_signature_is_wrong()
    {
        using var other = new GpgKey(NewKey);
        other.Sign(_image, NewKey);
        var failure = await FailAsync(Source(NewKey));
        Assert.Equal(DiagnosticCode.SignatureWrong, failure.Code);
        Assert.Contains(other.Fingerprint, failure.Message, StringComparison.Ordinal);

        // A known release is its publisher's, whatever the configuration trusts; an image by URL may be anybody's who is named.
        var key = _folder.Write("other.asc", other.Armored);
        Assert.Equal(DiagnosticCode.SignatureWrong, (await FailAsync(Source(NewKey, known: true, key))).Code);
        await ObtainAsync(Source(NewKey, known: false, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no signature\n")]
    public async Task What_is_no_signature_is_wrong(string text)
    {
        File.WriteAllText(_image + ".sig", text);
        Assert.Equal(DiagnosticCode.SignatureWrong, (await FailAsync(Source(NewKey))).Code);
    }

    [Fact]
    public async Task A_signature_over_a_broken_hash_is_wrong()
    {
        _old.Sign(_image, Handover, "--digest-algo", "SHA1");
        var failure = await FailAsync(Source(Handover));
        Assert.Equal(DiagnosticCode.SignatureWrong, failure.Code);
    }

    [Fact]
    public async Task A_missing_signature_is_no_image()
        => Assert.Equal(DiagnosticCode.DownloadFailed, (await FailAsync(Source(NewKey))).Code);

    [Fact]
    public async Task An_expired_key_is_good_for_what_it_signed_before()
    {
        using var shortLived = new GpgKey(new DateOnly(2020, 1, 1), expires: "2021-01-01");
        IReadOnlyList<PinnedKey> publisher = [new(shortLived.Fingerprint, new DateOnly(2020, 1, 1), null, shortLived.Armored)];
        shortLived.Sign(_image, new DateOnly(2020, 6, 1));
        await ObtainAsync(Source(new DateOnly(2020, 6, 1)), publisher);
    }

    [Fact]
    public async Task A_key_of_the_publisher_s_that_is_not_here_is_a_warning_until_a_file_brings_it()
    {
        IReadOnlyList<PinnedKey> publisher = [Publisher[0], Publisher[1] with { Armored = null }];
        _new.Sign(_image, NewKey);
        await ObtainAsync(Source(NewKey), publisher);
        Assert.Equal(DiagnosticCode.SignatureNotChecked, Assert.Single(_log.Warnings).Code);
        Assert.Empty(Directory.GetFiles(_cache.Downloads, "*.sig"));

        var key = _folder.Write("new.asc", _new.Armored);
        await ObtainAsync(Source(NewKey, known: true, key), publisher);
        Assert.Single(_log.Warnings);
        Assert.Contains(_log.Lines, line => line.Contains("The signature is good", StringComparison.Ordinal));

        // An image that is only known by its URL is not used unchecked.
        File.Delete(Directory.GetFiles(_cache.Base, "*.signed").Single());
        Assert.Equal(DiagnosticCode.SignatureWrong, (await FailAsync(Source(NewKey, known: false), publisher)).Code);
    }

    [Fact]
    public async Task A_key_file_without_a_key_is_told()
    {
        _new.Sign(_image, NewKey);
        var failure = await FailAsync(Source(NewKey, known: false, _folder.Write("key.asc", "not a key")));
        Assert.Equal((DiagnosticCode.InvalidValue, _folder["key.asc"]), (failure.Code, failure.Location?.File));
    }

    [Fact]
    public void The_pinned_keys_are_those_of_Raspberry_Pi_OS()
    {
        Assert.Equal(["54C3DD610D9D1B4AF82A37758738CD6B956F460C", "F4AADD86C4687D69AE04543E796C114AD12B2292"], PinnedKey.OfRaspberryPiOs.Select(k => k.Fingerprint));
        foreach (var key in PinnedKey.OfRaspberryPiOs.Where(k => k.Armored is not null))
            Assert.Equal([key.Fingerprint], SignatureVerifier.FingerprintsIn(_folder.Write("key.asc", key.Armored!)));
        // No time has two keys, and each known release has one.
        Assert.All(RaspberryPiOsReleases.All, r => Assert.Single(PinnedKey.OfRaspberryPiOs,
            k => k.SignedOn(DateOnly.ParseExact(r.Date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))));
    }
}

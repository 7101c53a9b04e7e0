using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>Downloads from a real web server, over a network with faults.</summary>
public sealed class RealServerTests : IDisposable
{
    private static readonly byte[] Content = Sample.Image(2_000_000);
    private readonly TestFolder _folder = new();
    private readonly NginxServer _nginx = new();
    private readonly BaseImageDownload _download = new(time: FastTime.Delays);
    private readonly CacheFolder _cache;
    private readonly List<Action<string>> _onLine = [];
    private readonly ListLog _log;

    public RealServerTests()
    {
        _cache = new CacheFolder(_folder["cache"]);
        _log = new ListLog { OnLine = line => _onLine.ForEach(act => act(line)) };
        File.WriteAllBytes(_nginx["os.img.xz"], Content);
    }

    public void Dispose()
    {
        _download.Dispose();
        _nginx.Dispose();
        _folder.Dispose();
    }

    private async Task<byte[]> FetchAsync(params IReadOnlyList<Uri> urls)
        => await File.ReadAllBytesAsync(await _download.FetchAsync(urls, Sha256Digest.Parse(Sample.Sha256(Content)), _cache, _log, default));

    private async Task<Diagnostic> FailAsync(params IReadOnlyList<Uri> urls)
        => (await Assert.ThrowsAsync<W4bException>(() => FetchAsync(urls))).Diagnostics[0];

    private void WhenRetrying(Action act) => _onLine.Add(line =>
    {
        if (line.Contains("trying again", StringComparison.Ordinal))
            act();
    });

    [Fact]
    public async Task A_download_cut_twenty_times_arrives_whole_and_hardly_anything_twice()
    {
        using var network = new CuttingProxy(_nginx.Address, Enumerable.Range(0, 20).Select(i => 20_000 + 7_001 * i));
        Assert.Equal(Content, await FetchAsync(network.Url("os.img.xz")));
        Assert.Equal(0, network.CutsLeft);
        Assert.Equal(20, _log.Lines.Count(line => line.Contains("trying again", StringComparison.Ordinal)));
        // All that went over the network, headers included.
        Assert.InRange(network.Passed, Content.Length, Content.Length * 105L / 100);
        Assert.Contains(_log.Lines, line => line.Contains($"of {Content.Length} bytes in ", StringComparison.Ordinal) && line.Contains(" MiB/s)", StringComparison.Ordinal));
        // Each time the rest was asked for, on the condition that the file is still the same.
        Assert.All(_nginx.Stop().Skip(1), r => Assert.Matches("""^GET /os.img.xz 206 bytes=\d+- "[0-9a-f-]+"$""", r));
    }

    [Fact]
    public async Task A_cut_before_the_first_byte_counts_as_nothing_and_five_in_a_row_are_the_end()
    {
        using var network = new CuttingProxy(_nginx.Address, Enumerable.Repeat(0, 100));
        var failure = await FailAsync(network.Url("os.img.xz"));
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Equal(Content, await FetchAsync(_nginx.Url("os.img.xz")));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_sent_from_its_beginning()
    {
        File.WriteAllBytes(_nginx["older.img.xz"], Sample.Image(Content.Length, seed: 2));
        File.SetLastWriteTimeUtc(_nginx["older.img.xz"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)); // nginx's tags are made of time and length
        using (var network = new CuttingProxy(_nginx.Address, [500_000, .. Enumerable.Repeat(0, 100)]))
            await FailAsync(network.Url("older.img.xz"));
        var partial = Assert.Single(Directory.GetFiles(_cache.Downloads, "*.partial"));
        var validator = File.ReadAllLines(partial + ".validator");

        // The same place on the same server, as far as the client can tell.
        File.WriteAllLines(partial + ".validator", [_nginx.Url("os.img.xz").AbsoluteUri, validator[1]]);
        Assert.Equal(Content, await FetchAsync(_nginx.Url("os.img.xz")));
        var request = _nginx.Stop()[^1];
        Assert.StartsWith("GET /os.img.xz 200 bytes=", request, StringComparison.Ordinal);
        Assert.EndsWith(validator[1], request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_a_wrong_length_is_asked_for_the_rest()
    {
        // nginx keeps the length of a file that it has open, so one that is written anew in its place is cut off in the middle.
        Assert.Equal(Content, await FetchAsync(_nginx.Url("kept/os.img.xz")));
        Directory.Delete(_cache.Downloads, recursive: true);
        Directory.CreateDirectory(_cache.Downloads);
        using (var file = File.OpenWrite(_nginx["os.img.xz"]))
            file.SetLength(Content.Length / 2);
        WhenRetrying(() =>
        {
            using var file = File.OpenWrite(_nginx["os.img.xz"]);
            file.Write(Content);
        });
        Assert.Equal(Content, await FetchAsync(_nginx.Url("kept/os.img.xz")));
        Assert.Contains(_log.Lines, line => line.Contains("the connection broke", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_server_is_waited_for()
        => Assert.Equal(Content, await FetchAsync(_nginx.Url("slow/os.img.xz")));

    [Fact]
    public async Task A_redirect_is_followed_and_resumed()
    {
        using var network = new CuttingProxy(_nginx.Address, [100, 600_000]);
        Assert.Equal(Content, await FetchAsync(network.Url("moved/os.img.xz")));
        Assert.Contains(_nginx.Stop(), r => r.StartsWith("GET /moved/os.img.xz 302", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_under_maintenance_is_asked_again()
    {
        File.WriteAllText(_nginx["busy"], "");
        WhenRetrying(() => File.Delete(_nginx["busy"]));
        Assert.Equal(Content, await FetchAsync(_nginx.Url("busy/os.img.xz")));
        Assert.Contains(_log.Lines, line => line.Contains("503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mirrors_are_asked_in_their_order_and_go_on_where_the_one_before_stopped()
    {
        File.WriteAllBytes(_nginx["other.img.xz"], Sample.Image(1000, seed: 3));
        using var dying = new CuttingProxy(_nginx.Address, [800_000, .. Enumerable.Repeat(0, 100)]);
        Assert.Equal(Content, await FetchAsync(_nginx.Url("gone/os.img.xz"), _nginx.Url("other.img.xz"), dying.Url("os.img.xz"), _nginx.Url("os.img.xz")));
        Assert.Contains(_log.Lines, line => line.Contains("404", StringComparison.Ordinal) && line.Contains("next mirror", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.Contains("other.img.xz has sha256", StringComparison.Ordinal) && line.Contains("next mirror", StringComparison.Ordinal));
        // The tag is that of another server's file, so it is no condition here.
        Assert.Contains(_nginx.Stop(), r => r.StartsWith("GET /os.img.xz 206 bytes=", StringComparison.Ordinal) && r.EndsWith("- ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_no_mirror_has_it_each_one_s_reason_is_told()
    {
        var failure = await FailAsync(_nginx.Url("a/os.img.xz"), _nginx.Url("b/os.img.xz"));
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("/a/os.img.xz", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/b/os.img.xz", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_archive_with_a_checksum_of_its_own_leaves_nothing()
    {
        var archive = Sample.Archive("xz", Sample.Image(512 * 2000))[..^1000];
        File.WriteAllBytes(_nginx["cut.img.xz"], archive);
        var cache = new BaseImageCache(_download, _cache, _log);
        var failure = await Assert.ThrowsAsync<W4bException>(() =>
            cache.ObtainAsync(new DownloadConfiguration(_nginx.Url("cut.img.xz").AbsoluteUri, Sample.Sha256(archive)), default));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, failure.Diagnostics[0].Code);
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Base));
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Downloads));
    }
}

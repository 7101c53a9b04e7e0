using System.Net;
using System.Net.Sockets;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;

namespace W4b.Image.Tests.Layers.Download;

public sealed class BaseImageDownloadTests : IDisposable
{
    private static readonly byte[] Content = Sample.Image(300_000);
    private static readonly Sha256Digest Checksum = Sha256Digest.Parse(Sample.Sha256(Content));
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly CacheFolder _cache;

    public BaseImageDownloadTests() => _cache = new CacheFolder(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string?> Downloads => Directory.EnumerateFiles(_cache.Downloads).Select(Path.GetFileName);

    private string Partial => Path.Combine(_cache.Downloads, $"{Checksum}.partial");

    private async Task<string> FetchAsync(Uri url, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        using var download = new BaseImageDownload(handler, time ?? FastTime.Delays);
        return await download.FetchAsync([url], Checksum, _cache, _log, default);
    }

    private async Task<Diagnostic> FailAsync(Uri url, TimeProvider? time = null, HttpMessageHandler? handler = null)
        => (await Assert.ThrowsAsync<W4bException>(() => FetchAsync(url, time, handler))).Diagnostics[0];

    [Fact]
    public async Task A_download_is_named_by_its_checksum_and_made_once()
    {
        using var server = new LoopbackServer(_ => Reply.Whole(Content));
        var path = await FetchAsync(server["os_lite.img.xz?version=1"]);
        Assert.Equal(Path.Combine(_cache.Downloads, $"{Checksum}.img.xz"), path);
        Assert.Equal(Content, File.ReadAllBytes(path));
        Assert.Equal(path, await FetchAsync(new Uri("http://localhost:1/other-name.xz")));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Two_that_want_the_same_file_download_it_once()
    {
        using var server = new LoopbackServer(_ => Reply.Whole(Content));
        var paths = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => FetchAsync(server["a.img"]))));
        Assert.Single(paths.Distinct());
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_file_URL_is_copied()
    {
        var source = _folder.Write("local image.img", Content);
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(new Uri(source))));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var failure = await FailAsync(new Uri(_folder["none.img"]));
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("none.img", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed()
    {
        using var server = new LoopbackServer(request => request.Path == "/latest"
            ? new Reply(302, []) { Headers = "Location: /real.img\r\n" }
            : Reply.Whole(Content));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["latest"])));
    }

    [Fact]
    public async Task What_an_interrupted_build_left_is_taken_up()
    {
        File.WriteAllBytes(Partial, Content[..100_000]);
        using var server = new LoopbackServer(request => Reply.Part(Content, request));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
        Assert.Equal(100_000, Assert.Single(server.Requests).From);
    }

    [Fact]
    public async Task What_is_complete_but_for_its_name_needs_no_network()
    {
        File.WriteAllBytes(Partial, Content);
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(new Uri("http://localhost:1/a.img"))));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_everything_again()
    {
        File.WriteAllBytes(Partial, Content[..100_000]);
        using var server = new LoopbackServer(_ => Reply.Whole(Content));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_partial_file_longer_than_the_whole_starts_over()
    {
        File.WriteAllBytes(Partial, new byte[Content.Length + 5]);
        using var server = new LoopbackServer(request => Reply.Part(Content, request));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
        Assert.Equal([Content.Length + 5, null], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_resumed_download_that_does_not_fit_starts_over_once()
    {
        File.WriteAllBytes(Partial, new byte[1000]);
        using var server = new LoopbackServer(request => Reply.Part(Content, request));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
        Assert.Equal([1000, null], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_broken_connection_is_resumed()
    {
        var cuts = new Queue<int?>([50_000, 0, 60_000, null]);
        using var server = new LoopbackServer(request => Reply.Part(Content, request) with { CutAfter = cuts.Dequeue() });
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
        Assert.Equal([null, 50_000, 50_000, 110_000], server.Requests.Select(r => r.From));
        Assert.Equal(3, _log.Lines.Count(line => line.Contains("trying again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_silent_server_is_left_and_asked_again()
    {
        var replies = 0;
        using var server = new LoopbackServer(request => replies++ == 0
            ? Reply.Whole(Content) with { CutAfter = 1000, Hang = true }
            : Reply.Part(Content, request));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"], FastTime.Timeouts)));
        Assert.Contains(_log.Lines, line => line.Contains("nothing for 60 seconds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        var replies = 0;
        using var server = new LoopbackServer(_ => replies++ < 2 ? new Reply(503, []) : Reply.Whole(Content));
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
    }

    [Fact]
    public async Task A_server_that_stays_broken_is_given_up_and_what_came_is_kept()
    {
        using var server = new LoopbackServer(request => Reply.Part(Content, request) with { CutAfter = request.From is null ? 1000 : 0 });
        var failure = await FailAsync(server["a.img"]);
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Equal(5, server.Requests.Count);
        Assert.Equal(Content[..1000], File.ReadAllBytes(Partial));
    }

    [Fact]
    public async Task A_wrong_checksum_names_both_and_leaves_nothing()
    {
        var other = Sample.Image(1000, seed: 9);
        byte[] content = other;
        using var server = new LoopbackServer(request => Reply.Part(content, request));

        var failure = await FailAsync(server["a.img"]);

        Assert.Equal(DiagnosticCode.ChecksumMismatch, failure.Code);
        Assert.Contains(Checksum.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains(Sample.Sha256(other), failure.Message, StringComparison.Ordinal);
        Assert.Empty(Downloads);

        content = Content;
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"])));
    }

    [Fact]
    public async Task A_missing_page_is_no_reason_to_try_again()
    {
        using var server = new LoopbackServer(_ => new Reply(404, "<html>"u8.ToArray()));
        var failure = await FailAsync(server["gone.img"]);
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("404", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/gone.img", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_refused_connection_says_so()
    {
        Uri url;
        using (var server = new LoopbackServer(_ => Reply.Whole(Content)))
            url = server["a.img"];
        var failure = await FailAsync(url);
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("refused", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_unknown_host_is_no_reason_to_try_again()
    {
        using var handler = new FailingHandler(new HttpRequestException("no", new SocketException((int)SocketError.HostNotFound)));
        var failure = await FailAsync(new Uri("http://no.such.host/a.img"), handler: handler);
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("http://no.such.host/a.img", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_scheme_is_refused()
    {
        var failure = await FailAsync(new Uri("ftp://bee:h0ney@localhost/a.img"));
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.DoesNotContain("h0ney", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_and_password_are_sent_and_not_shown()
    {
        using var server = new LoopbackServer(_ => new Reply(403, []));
        var url = new UriBuilder(server["a.img"]) { UserName = "bee", Password = "h0n%40y", Query = "token=pollen" }.Uri;

        var failure = await FailAsync(url);

        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bee:h0n@y")), Assert.Single(server.Requests).Authorization);
        foreach (var text in _log.Lines.Append(failure.ToString()))
        {
            Assert.DoesNotContain("h0n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("pollen", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Https_is_verified()
    {
        using var authority = TestAuthority.Create();
        using var certificate = authority.Issue("localhost");
        using var server = new LoopbackServer(_ => Reply.Whole(Content), certificate);

        var failure = await FailAsync(server["a.img"]);
        Assert.Equal(DiagnosticCode.DownloadFailed, failure.Code);
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("trying again", StringComparison.Ordinal));

        using var trusting = authority.TrustingHandler();
        Assert.Equal(Content, File.ReadAllBytes(await FetchAsync(server["a.img"], handler: trusting)));
    }

    [Fact]
    public async Task Cancellation_keeps_what_came()
    {
        using var cancellation = new CancellationTokenSource();
        using var server = new LoopbackServer(_ => Reply.Whole(Content) with { CutAfter = 0, Hang = true });
        using var download = new BaseImageDownload();
        File.WriteAllBytes(Partial, Content[..1000]);
        var fetching = download.FetchAsync([server["a.img"]], Checksum, _cache, _log, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
        Assert.True(File.Exists(Partial));
    }

    private sealed class FailingHandler(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromException<HttpResponseMessage>(failure);
    }
}

using System.Text.Json.Nodes;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Publishing;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>Publishing to real servers: OpenSSH and nginx.</summary>
public sealed class ServerTests
{
    private readonly ListLog _log = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sftp_with_key_and_host_key(bool fingerprint)
    {
        using var server = await new SshServer().StartAsync();
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        var publish = BuiltImage.To(server) with { HostKey = fingerprint ? server.Fingerprint : server.HostKey };
        Assert.Contains($"hive_a: {server.Url}/a_1.img.xz", await image.PublishAsync(publish, _log), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes(server.Folder + "/a_1.img.xz"));
        // A log tells of the machine that built.
        Assert.Equal(["a_1.bmap", "a_1.img.xz", "a_1.json", "a_1.rpi-imager-manifest", "a_1.spdx.json", "os_list.json", "w4b-images.json"], FilesOf(server.Folder));
        var log = new ListLog();
        await image.PublishAsync(publish, log);
        Assert.DoesNotContain(log.Lines, l => l.StartsWith("Sending", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sftp_to_a_server_with_another_host_key_sends_nothing()
    {
        using var server = await new SshServer().StartAsync();
        using var other = new SshServer();
        using var image = new BuiltImage("a_1", "hive_a");
        foreach (var key in new[] { other.HostKey, other.Fingerprint })
        {
            var failure = await FailureAsync(image, BuiltImage.To(server) with { HostKey = key });
            Assert.Equal(DiagnosticCode.HostKeyRefused, failure.Code);
            Assert.Contains(server.Fingerprint, failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(server.Folder));
    }

    [Fact]
    public async Task Sftp_without_the_right_key_is_told_so()
    {
        using var server = await new SshServer().StartAsync();
        using var image = new BuiltImage("a_1", "hive_a");
        var failure = await FailureAsync(image, BuiltImage.To(server) with { SshKey = BuiltImage.SecretIn(server.OtherKey) });
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
        Assert.Contains("publish.ssh_key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sftp_to_a_full_server_is_an_error_and_the_next_time_continues()
    {
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        using var server = await new SshServer(limit: 1_000_000).StartAsync();
        var failure = await FailureAsync(image, BuiltImage.To(server));
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
        Assert.Contains("a_1.img.xz", failure.Message, StringComparison.Ordinal);
        Assert.Contains("bytes are free there", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("os_list.json", FilesOf(server.Folder));
        Assert.DoesNotContain("a_1.img.xz", FilesOf(server.Folder));
    }

    [Fact]
    public async Task Sftp_to_a_server_that_may_only_be_read_is_told_so()
    {
        using var server = await new SshServer(readOnly: true).StartAsync();
        using var image = new BuiltImage("a_1", "hive_a");
        var failure = await FailureAsync(image, BuiltImage.To(server));
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
        Assert.Contains("The server refuses", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sftp_to_a_folder_that_is_not_there_names_it()
    {
        using var server = await new SshServer().StartAsync();
        using var image = new BuiltImage("a_1", "hive_a");
        var failure = await FailureAsync(image, BuiltImage.To(server) with { Url = server.Url + "/missing" });
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
        Assert.Contains("/missing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sftp_publishers_of_the_same_image_do_each_other_no_harm()
    {
        using var server = await new SshServer().StartAsync();
        var images = Enumerable.Range(0, 4).Select(_ => new BuiltImage("a_1", "hive_a", 500_000)).ToList();
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(BuiltImage.To(server), _log))));
        Assert.Equal(File.ReadAllBytes(images[0].Archive), File.ReadAllBytes(server.Folder + "/a_1.img.xz"));
        Assert.DoesNotContain(FilesOf(server.Folder), f => f.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Single(Listed(server.Folder));
        images.ForEach(i => i.Dispose());
    }

    [Fact]
    public async Task Sftp_folder_that_comes_and_goes_is_only_ones()
    {
        using var server = await new SshServer().StartAsync();
        var holders = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var site = PublishTarget.Of(BuiltImage.To(server), "").Open(_log);
            for (var i = 0; i < 300; i++)
            {
                if (!await site.TryCreateFolderAsync("lock", default))
                    continue;
                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Decrement(ref holders);
                await site.DeleteFolderAsync("lock", default);
            }
        })));
        Assert.Empty(FilesOf(server.Folder));
    }

    [Fact]
    public async Task Twenty_images_over_sftp_with_the_server_killed_three_times()
    {
        using var server = await new SshServer().StartAsync();
        var images = Enumerable.Range(0, 20).Select(i => new BuiltImage($"h{i:00}_1", $"hive_{i:00}", 1_500_000)).ToList();
        var publishing = Parallel.ForEachAsync(images, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (image, ct) => await image.SendAsync(BuiltImage.To(server), _log, ct));
        for (var kill = 1; kill <= 3; kill++)
        {
            // In the middle: when so many archives have arrived, and some are on their way.
            while (!publishing.IsCompleted && Directory.GetFiles(server.Folder, "*.img.xz").Length < kill * 4)
                await Task.Delay(5);
            Assert.False(publishing.IsFaulted, publishing.Exception?.ToString());
            server.Kill();
            await server.StartAsync();
        }

        await publishing;
        var publications = images.Select(i => Path.Combine(i.Obj, PublishImageStep.PublicationName)).ToList();
        await PublishListStep.RunAsync(publications, _log, default);

        Assert.Contains(_log.Lines, l => l.Contains("connection is lost", StringComparison.Ordinal));
        foreach (var image in images)
            Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes($"{server.Folder}/{image.Facts.Archive.Name}"));
        Assert.Equal(images.Select(i => $"{server.Url}/{i.Facts.Archive.Name}"), Listed(server.Folder).Order());
        Assert.DoesNotContain(FilesOf(server.Folder), f => f.EndsWith(".partial", StringComparison.Ordinal) || f.Contains(".lock", StringComparison.Ordinal));
        images.ForEach(i => i.Dispose());
    }

    [Fact]
    public async Task Webdav_with_a_password()
    {
        using var server = await new WebServer().StartAsync();
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        using var password = new TestFolder();
        var publish = BuiltImage.To(server.Url.AbsoluteUri) with { User = WebServer.User, Password = BuiltImage.SecretIn(password.Write("password", WebServer.Password)), Keep = 1 };
        Assert.Contains($"hive_a: {server.Url}a_1.img.xz", await image.PublishAsync(publish, _log), StringComparison.Ordinal);
        using var second = new BuiltImage("a_2", "hive_a");
        await second.PublishAsync(publish, _log);
        Assert.Equal(File.ReadAllBytes(second.Archive), File.ReadAllBytes(server.Folder + "/a_2.img.xz"));
        Assert.Equal(["a_2.bmap", "a_2.img.xz", "a_2.json", "a_2.rpi-imager-manifest", "a_2.spdx.json", "os_list.json", "w4b-images.json"], FilesOf(server.Folder));
        Assert.Equal([server.Url + "a_2.img.xz"], Listed(server.Folder));
        Assert.DoesNotContain(_log.Lines, l => l.Contains(WebServer.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webdav_publishers_at_once_all_arrive_in_the_list()
    {
        using var server = await new WebServer().StartAsync();
        using var password = new TestFolder();
        var publish = BuiltImage.To(server.Url.AbsoluteUri) with { User = WebServer.User, Password = BuiltImage.SecretIn(password.Write("password", WebServer.Password)) };
        var images = Enumerable.Range(0, 5).Select(i => new BuiltImage($"h{i}_1", $"hive_{i}", 20_000)).ToList();
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(publish, _log))));
        Assert.Equal(images.Select(i => $"{server.Url}{i.Facts.Archive.Name}"), Listed(server.Folder).Order());
        images.ForEach(i => i.Dispose());
    }

    [Fact]
    public async Task Webdav_publishers_of_the_same_image_do_each_other_no_harm()
    {
        using var server = await new WebServer().StartAsync();
        using var password = new TestFolder();
        var publish = BuiltImage.To(server.Url.AbsoluteUri) with { User = WebServer.User, Password = BuiltImage.SecretIn(password.Write("password", WebServer.Password)) };
        var images = Enumerable.Range(0, 4).Select(_ => new BuiltImage("a_1", "hive_a", 500_000)).ToList();
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(publish, _log))));
        Assert.Equal(File.ReadAllBytes(images[0].Archive), File.ReadAllBytes(server.Folder + "/a_1.img.xz"));
        Assert.DoesNotContain(FilesOf(server.Folder), f => f.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Single(Listed(server.Folder));
        images.ForEach(i => i.Dispose());
    }

    [Theory]
    [InlineData("PUT DELETE MKCOL COPY MOVE", "0", "wrong", "publish.password")]
    [InlineData("PUT DELETE MKCOL COPY MOVE", "100k", WebServer.Password, "client_max_body_size")]
    [InlineData("off", "0", WebServer.Password, "needs WebDAV")]
    public async Task Webdav_tells_what_the_server_refuses(string methods, string largest, string word, string said)
    {
        using var server = await new WebServer(methods, largest).StartAsync();
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        using var password = new TestFolder();
        var failure = await FailureAsync(image, BuiltImage.To(server.Url.AbsoluteUri) with { User = WebServer.User, Password = BuiltImage.SecretIn(password.Write("password", word)) });
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    private async Task<Diagnostic> FailureAsync(BuiltImage image, PublishConfiguration publish)
        => (await Assert.ThrowsAsync<W4bException>(() => image.PublishAsync(publish, _log))).Diagnostics[0];

    private static IEnumerable<string> FilesOf(string folder) => Directory.GetFileSystemEntries(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Listed(string folder)
        => JsonNode.Parse(File.ReadAllText(folder + "/os_list.json"))!["os_list"]!.AsArray().Select(e => (string)e!["url"]!);
}

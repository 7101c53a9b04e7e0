using System.Text.Json.Nodes;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>Publishing to a server that speaks S3.</summary>
[Trait("Category", "Build")]
public sealed class S3Tests(S3Server server) : IClassFixture<S3Server>
{
    private readonly ListLog _log = new();

    [Fact]
    public async Task With_a_key()
    {
        await server.MakeBucketAsync("one");
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        var publish = server.To("s3://one/a/b") with { Keep = 1 };
        Assert.Contains($"hive_a: {server.Endpoint}/one/a/b/a_1.img.xz", await image.PublishAsync(publish, _log), StringComparison.Ordinal);
        using var second = new BuiltImage("a_2", "hive_a");
        await second.PublishAsync(publish, _log);
        Assert.Equal(File.ReadAllBytes(second.Archive), await server.ReadAsync("one", "a/b/a_2.img.xz"));
        Assert.Equal(["a/b/a_2.bmap", "a/b/a_2.img.xz", "a/b/a_2.json", "a/b/a_2.rpi-imager-manifest", "a/b/a_2.spdx.json", "a/b/os_list.json", "a/b/w4b-images.json"], await server.KeysAsync("one"));
        var log = new ListLog();
        await second.PublishAsync(publish, log);
        Assert.DoesNotContain(log.Lines, l => l.StartsWith("Sending", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, l => l.Contains(S3Server.SecretKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Publishers_at_once_all_arrive_in_the_list()
    {
        await server.MakeBucketAsync("many");
        var images = Enumerable.Range(0, 5).Select(i => new BuiltImage($"h{i}_1", $"hive_{i}", 20_000)).ToList();
        var publish = server.To("s3://many");
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(publish, _log))));
        var list = JsonNode.Parse(await server.ReadAsync("many", "os_list.json"))!["os_list"]!.AsArray();
        Assert.Equal(images.Select(i => $"{server.Endpoint}/many/{i.Facts.Archive.Name}"), list.Select(e => (string)e!["url"]!).Order());
        Assert.DoesNotContain(await server.KeysAsync("many"), key => key.Contains("lock", StringComparison.Ordinal));
        images.ForEach(i => i.Dispose());
    }

    // Larger than a part: they meet in one upload too.
    [Theory]
    [InlineData("same", 20_000)]
    [InlineData("same-large", 40_000_000)]
    public async Task Publishers_of_the_same_image_do_each_other_no_harm(string bucket, int bytes)
    {
        await server.MakeBucketAsync(bucket);
        var images = Enumerable.Range(0, 4).Select(_ => new BuiltImage("a_1", "hive_a", bytes)).ToList();
        var publish = server.To("s3://" + bucket);
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(publish, _log))));
        Assert.Equal(File.ReadAllBytes(images[0].Archive), await server.ReadAsync(bucket, "a_1.img.xz"));
        Assert.DoesNotContain(await server.KeysAsync(bucket), key => key.EndsWith(".partial", StringComparison.Ordinal));
        images.ForEach(i => i.Dispose());
    }

    [Fact]
    public async Task A_large_file_is_continued_when_the_server_was_killed()
    {
        await server.MakeBucketAsync("killed");
        using var image = new BuiltImage("a_1", "hive_a", 80_000_000);
        var publishing = image.PublishAsync(server.To("s3://killed/a"), _log);
        await server.PartsAsync("killed", 2, publishing);
        server.Kill();
        await server.StartAsync();
        await publishing;
        Assert.Contains(_log.Lines, l => l.Contains("connection is lost", StringComparison.Ordinal));
        await ContinuedAsync("killed", image);
    }

    [Fact]
    public async Task A_large_file_is_continued_by_another_run()
    {
        await server.MakeBucketAsync("later");
        using var image = new BuiltImage("a_1", "hive_a", 80_000_000);
        using var stop = new CancellationTokenSource();
        var publishing = image.PublishAsync(server.To("s3://later/a"), _log, stop.Token);
        await server.PartsAsync("later", 2, publishing);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
        await image.PublishAsync(server.To("s3://later/a"), _log);
        await ContinuedAsync("later", image);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told()
    {
        await server.MakeBucketAsync("refused");
        using var image = new BuiltImage("a_1", "hive_a");
        foreach (var (url, secret, said) in new[] { ("s3://refused/a", "wrong", "publish.password"), ("s3://missing/a", S3Server.SecretKey, "Make the bucket missing first") })
        {
            var failure = (await Assert.ThrowsAsync<W4bException>(() => image.PublishAsync(server.To(url, secret), _log))).Diagnostics[0];
            Assert.Equal(DiagnosticCode.PublishFailed, failure.Code);
            Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await server.KeysAsync("refused"));
    }

    private async Task ContinuedAsync(string bucket, BuiltImage image)
    {
        Assert.Contains(_log.Lines, l => l.StartsWith("a_1.img.xz", StringComparison.Ordinal) && l.Contains(" is continued behind ", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllBytes(image.Archive), await server.ReadAsync(bucket, "a/a_1.img.xz"));
    }
}

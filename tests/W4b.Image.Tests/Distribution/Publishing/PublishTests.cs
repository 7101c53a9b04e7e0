using System.Text.Json.Nodes;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Publishing;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>What holds for every destination, tried with a folder.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    private PublishConfiguration Folder => BuiltImage.To(new Uri(_folder["site/"]).AbsoluteUri) with { DownloadServer = "https://images.example.org/w4b/" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Image_and_files_arrive_and_are_listed()
    {
        using var image = new BuiltImage("a_1", "hive_a");
        var said = await image.PublishAsync(Folder, _log);
        Assert.Equal(["a_1.bmap", "a_1.img.xz", "a_1.json", "a_1.log", "a_1.rpi-imager-manifest", "a_1.spdx.json", "os_list.json", "w4b-images.json"], SiteFiles());
        Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes(_folder["site/a_1.img.xz"]));
        Assert.Equal(["https://images.example.org/w4b/a_1.img.xz"], Listed());
        Assert.Contains("https://images.example.org/w4b/a_1.img.xz", File.ReadAllText(_folder["site/a_1.rpi-imager-manifest"]), StringComparison.Ordinal);
        Assert.Contains("hive_a: https://images.example.org/w4b/a_1.img.xz", said, StringComparison.Ordinal);
        Assert.Contains("curl -fL 'https://images.example.org/w4b/a_1.img.xz' | xz -dc | sudo dd of=/dev/sdX", said, StringComparison.Ordinal);
        Assert.Contains("sudo bmaptool copy", said, StringComparison.Ordinal);
        Assert.Contains("https://images.example.org/w4b/os_list.json", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_again_sends_and_changes_nothing()
    {
        using var image = new BuiltImage("a_1", "hive_a");
        await image.PublishAsync(Folder, _log);
        var before = Snapshot();
        var log = new ListLog();
        await image.PublishAsync(Folder, log);
        Assert.Equal(before, Snapshot());
        Assert.DoesNotContain(log.Lines, l => l.StartsWith("Sending", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_last_images_of_a_hive_stay()
    {
        foreach (var (name, hive) in new[] { ("a_1", "hive_a"), ("b_1", "hive_b"), ("a_2", "hive_a"), ("a_3", "hive_a"), ("a_4", "hive_a") })
        {
            using var image = new BuiltImage(name, hive);
            await image.PublishAsync(Folder with { Keep = 2 }, _log);
        }

        Assert.Equal(["a_3.img.xz", "a_4.img.xz", "b_1.img.xz"], SiteFiles().Where(f => f.EndsWith(".xz", StringComparison.Ordinal)));
        Assert.Equal(["a_4", "a_3", "b_1"], Listed().Select(u => Path.GetFileName(u)[..3]));
        Assert.DoesNotContain(SiteFiles(), f => f.StartsWith("a_1", StringComparison.Ordinal) || f.StartsWith("a_2", StringComparison.Ordinal));
    }

    // The clock of whoever publishes may be wrong: what was published last is what stays.
    [Fact]
    public async Task An_image_with_an_older_time_is_not_removed_by_its_own_publishing()
    {
        foreach (var name in new[] { "a_20300101", "a_20200101" })
        {
            using var image = new BuiltImage(name, "hive_a");
            await image.PublishAsync(Folder with { Keep = 1 }, _log);
        }

        Assert.Equal(["a_20200101.img.xz"], SiteFiles().Where(f => f.EndsWith(".xz", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_list_edited_by_hand_is_kept_and_merged()
    {
        Directory.CreateDirectory(_folder["site"]);
        _folder.Write("site/os_list.json", """{"os_list": [{"name": "Mine", "url": "https://x.example/y", "note": "keep me"}]}""");
        using var image = new BuiltImage("a_1", "hive_a");
        await image.PublishAsync(Folder, _log);
        var list = JsonNode.Parse(File.ReadAllText(_folder["site/os_list.json"]))!["os_list"]!;
        Assert.Equal("""{"name":"Mine","url":"https://x.example/y","note":"keep me"}""", list[0]!.ToJsonString());
        Assert.Equal(2, list.AsArray().Count);
    }

    [Theory]
    [InlineData("os_list.json", "{\"os_list\": [}")]
    [InlineData("w4b-images.json", "{\"images\": [{\"name\": 3}]}")]
    [InlineData("w4b-images.json", "{}")]
    public async Task A_list_that_cannot_be_read_is_an_error_and_stays(string name, string content)
    {
        Directory.CreateDirectory(_folder["site"]);
        _folder.Write("site/" + name, content);
        using var image = new BuiltImage("a_1", "hive_a");
        var failure = await Assert.ThrowsAsync<W4bException>(() => image.PublishAsync(Folder, _log));
        Assert.Equal(DiagnosticCode.ListUnreadable, failure.Diagnostics[0].Code);
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_folder["site/" + name]));
        Assert.DoesNotContain(SiteFiles(), f => f.Contains(".lock", StringComparison.Ordinal) || f.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_half_sent_file_is_continued()
    {
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        Directory.CreateDirectory(_folder["site"]);
        var partial = _folder[$"site/a_1.img.xz.{image.Facts.Archive.Sha256[..16]}.partial"];
        await File.WriteAllBytesAsync(partial, File.ReadAllBytes(image.Archive)[..1_500_000]);
        var inode = StockProgram.Run("stat", "-c", "%i", partial);
        await image.PublishAsync(Folder, _log);
        Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes(_folder["site/a_1.img.xz"]));
        Assert.Equal(inode, StockProgram.Run("stat", "-c", "%i", _folder["site/a_1.img.xz"]));
    }

    [Theory]
    [InlineData(1_500_000)]
    [InlineData(2_000_000)]
    [InlineData(2_500_000)]
    public async Task A_half_sent_file_that_is_damaged_is_sent_again(int there)
    {
        using var image = new BuiltImage("a_1", "hive_a", 2_000_000);
        Directory.CreateDirectory(_folder["site"]);
        await File.WriteAllBytesAsync(_folder[$"site/a_1.img.xz.{image.Facts.Archive.Sha256[..16]}.partial"], new byte[there]);
        await image.PublishAsync(Folder, _log);
        Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes(_folder["site/a_1.img.xz"]));
    }

    [Fact]
    public async Task Publishers_at_once_all_arrive_in_the_list()
    {
        var images = Enumerable.Range(0, 8).Select(i => new BuiltImage($"h{i}_1", $"hive_{i}", 50_000)).ToList();
        await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(Folder with { Keep = 1 }, _log))));
        Assert.Equal(images.Select(i => i.Facts.Name).Order(), Listed().Select(u => Path.GetFileName(u)[..4]).Order());
        Assert.DoesNotContain(SiteFiles(), f => f.Contains(".lock", StringComparison.Ordinal) || f.EndsWith(".partial", StringComparison.Ordinal));
        images.ForEach(i => i.Dispose());
    }

    // Large: they meet in the middle of a file. Small, and often: they meet where a file gets its name.
    [Theory]
    [InlineData(3_000_000, 1)]
    [InlineData(20_000, 8)]
    public async Task Publishers_of_the_same_image_do_each_other_no_harm(int bytes, int rounds)
    {
        for (var round = 1; round <= rounds; round++)
        {
            var images = Enumerable.Range(0, 4).Select(_ => new BuiltImage($"a_{round}", "hive_a", bytes)).ToList();
            await Task.WhenAll(images.Select(i => Task.Run(() => i.PublishAsync(Folder with { Keep = 1 }, _log))));
            Assert.Equal(File.ReadAllBytes(images[0].Archive), File.ReadAllBytes(_folder[$"site/a_{round}.img.xz"]));
            Assert.DoesNotContain(SiteFiles(), f => f.EndsWith(".partial", StringComparison.Ordinal));
            Assert.Single(Listed());
            images.ForEach(i => i.Dispose());
        }
    }

    [Fact]
    public async Task A_file_that_comes_and_goes_is_there_or_not()
    {
        await using var site = new FolderDestination(Directory.CreateDirectory(_folder["site"]).FullName);
        var others = Task.Run(async () =>
        {
            for (var i = 0; i < 3_000; i++)
            {
                File.WriteAllText(_folder["site/a"], "a");
                await site.TryCreateFolderAsync("b", default);
                File.Delete(_folder["site/a"]);
            }
        });
        while (!others.IsCompleted)
        {
            using var content = new MemoryStream();
            Assert.InRange(await site.SizeAsync("a", default) ?? 0, 0, 1);
            Assert.True(await site.ReadAsync("a", content, default) || content.Length == 0);
            Assert.False(await site.ReadAsync("c", content, default));
            await site.DeleteAsync("a", default);
            await site.DeleteFolderAsync("b", default);
        }

        await others;
    }

    [Fact]
    public async Task A_fleet_is_listed_at_once()
    {
        using var one = new BuiltImage("a_1", "hive_a");
        using var two = new BuiltImage("b_1", "hive_b");
        var said = await PublishListStep.RunAsync([await one.SendAsync(Folder, _log), await two.SendAsync(Folder, _log)], _log, default);
        Assert.Equal(["a_1", "b_1"], Listed().Select(u => Path.GetFileName(u)[..3]));
        Assert.Contains("hive_a", said, StringComparison.Ordinal);
        Assert.Contains("hive_b", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_with_secrets_needs_leave()
    {
        using var image = new BuiltImage("a_1", "hive_a", secrets: true);
        var failure = await Assert.ThrowsAsync<W4bException>(() => image.PublishAsync(Folder, _log));
        Assert.Equal(DiagnosticCode.SecretsNotPublished, failure.Diagnostics[0].Code);
        Assert.False(Directory.Exists(_folder["site"]));
        await image.PublishAsync(Folder with { AllowSecrets = true }, _log);
        Assert.Single(Listed());
    }

    [Fact]
    public async Task An_image_that_changed_since_the_build_is_an_error()
    {
        using var image = new BuiltImage("a_1", "hive_a");
        File.AppendAllText(image.Archive, "x");
        Assert.Equal(DiagnosticCode.FileAccess, (await Assert.ThrowsAsync<W4bException>(() => image.PublishAsync(Folder, _log))).Diagnostics[0].Code);
    }

    [Fact]
    public async Task Encrypted_to_age_it_is_for_its_recipient_alone()
    {
        StockProgram.Run("age-keygen", "-o", _folder["key"]);
        var recipient = StockProgram.Run("age-keygen", "-y", _folder["key"]).Trim();
        using var image = new BuiltImage("a_1", "hive_a", secrets: true);
        var publish = Folder with { EncryptTo = [recipient] };
        var said = await image.PublishAsync(publish, _log);
        Assert.Equal(["a_1.img.xz.age", "a_1.img.xz.age.sha256", "a_1.json", "a_1.log", "a_1.spdx.json", "w4b-images.json"], SiteFiles());
        Assert.Equal(File.ReadAllBytes(image.Archive), Sample.Pipe([], "age", "-d", "-i", _folder["key"], _folder["site/a_1.img.xz.age"]));
        StockProgram.Run("sh", "-c", $"cd {_folder["site"]} && sha256sum -c a_1.img.xz.age.sha256");
        Assert.Contains("| age -d -i KEY | xz -dc |", said, StringComparison.Ordinal);

        var before = Snapshot();
        await image.PublishAsync(publish, _log);
        Assert.Equal(before, Snapshot());
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("default")]
    public async Task Encrypted_to_an_OpenPGP_key_it_is_for_its_owner_alone(string algorithm)
    {
        Directory.CreateDirectory(_folder["gnupg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] gpg = ["--homedir", _folder["gnupg"], "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--no-tty"];
        try
        {
            StockProgram.Run("gpg", [.. gpg, "--quick-generate-key", "Keeper <keeper@example.org>", algorithm, algorithm == "default" ? "default" : "encr,sign,cert", "never"]);
            File.WriteAllText(_folder["key.asc"], StockProgram.Run("gpg", [.. gpg, "--armor", "--export", "keeper@example.org"]));
            using var image = new BuiltImage("a_1", "hive_a", secrets: true);
            await image.PublishAsync(Folder with { EncryptTo = [_folder["key.asc"]] }, _log);
            StockProgram.Run("gpg", [.. gpg, "--output", _folder["plain"], "--decrypt", _folder["site/a_1.img.xz.gpg"]]);
            Assert.Equal(File.ReadAllBytes(image.Archive), File.ReadAllBytes(_folder["plain"]));
        }
        finally
        {
            StockProgram.Run("gpgconf", "--homedir", _folder["gnupg"], "--kill", "all");
        }
    }

    private IEnumerable<string> SiteFiles() => Directory.GetFiles(_folder["site"], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder["site"], f)).Order(StringComparer.Ordinal);

    private List<(string, string)> Snapshot() => [.. SiteFiles().Select(f => (f, File.GetLastWriteTimeUtc(_folder["site/" + f]).Ticks + Sample.Sha256(File.ReadAllBytes(_folder["site/" + f]))))];

    private IEnumerable<string> Listed()
        => JsonNode.Parse(File.ReadAllText(_folder["site/os_list.json"]))!["os_list"]!.AsArray().Select(e => (string)e!["url"]!);
}

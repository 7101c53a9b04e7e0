using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Packages;

namespace W4b.Image.Tests.Layers.Packages;

public sealed class PackagePoolTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CacheFolder _cache;
    private readonly ListLog _log = new();
    private readonly PackagePool _pool;

    public PackagePoolTests()
    {
        _cache = new CacheFolder(_folder["cache"]);
        _pool = new PackagePool(_cache, _log);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_apt_would_download_is_read_by_its_sha256_alone()
        => Assert.Equal(
            [
                new PackageArchive("nano_8.4-1_arm64.deb", 1204, new string('a', 64), "http://mirror.example/debian/pool/main/n/nano/nano_8.4-1_arm64.deb"),
                new PackageArchive("adduser_3%3a1_all.deb", 7, new string('b', 64), "http://mirror.example/a_all.deb"),
            ],
            PackageArchive.Parse(
            [
                "Reading package lists...",
                $"'http://mirror.example/debian/pool/main/n/nano/nano_8.4-1_arm64.deb' nano_8.4-1_arm64.deb 1204 SHA256:{new string('a', 64)}",
                $"'http://mirror.example/a_all.deb' adduser_3%3a1_all.deb 7 SHA256:{new string('B', 64)}",
                "'http://mirror.example/old.deb' old_1_all.deb 7 MD5Sum:03eeaaa603022ccbd061c8a4751fc947",
                $"'http://mirror.example/evil' ../../evil_1_all.deb 7 SHA256:{new string('c', 64)}",
                "'file:/root/local.deb' local.deb 10",
            ]));

    [Fact]
    public void A_build_takes_what_another_has_kept()
    {
        var nano = Keep("nano_8.4-1_arm64.deb", "nano");

        var archives = NewArchives();
        Assert.Equal(500, _pool.Provide([nano, new("vim_1_arm64.deb", 500, new string('0', 64))], archives));

        Assert.Equal("nano", File.ReadAllText(Path.Combine(archives, "nano_8.4-1_arm64.deb")));
        Assert.Single(Directory.GetFiles(archives));
        Assert.Single(Directory.GetFiles(_cache.Packages));
    }

    [Fact]
    public void Two_repositories_files_of_one_name_are_two()
    {
        var debian = Keep("nano_8.4-1_armhf.deb", "debian's");
        var raspbian = Keep("nano_8.4-1_armhf.deb", "raspbian's");

        foreach (var (wanted, content) in new[] { (debian, "debian's"), (raspbian, "raspbian's") })
        {
            var archives = NewArchives();
            _pool.Provide([wanted], archives);
            Assert.Equal(content, File.ReadAllText(Path.Combine(archives, wanted.FileName)));
        }
    }

    [Fact]
    public void A_flipped_bit_is_found_and_the_package_leaves_the_pool()
    {
        var nano = Keep("nano_8.4-1_arm64.deb", "nano");
        var file = Assert.Single(Directory.GetFiles(_cache.Packages));
        var bytes = File.ReadAllBytes(file);
        bytes[2] ^= 1;
        File.WriteAllBytes(file, bytes);

        var archives = NewArchives();
        Assert.Equal(nano.Bytes, _pool.Provide([nano], archives));

        Assert.Empty(Directory.GetFiles(archives));
        Assert.Empty(Directory.GetFiles(_cache.Packages));
        Assert.Contains(_log.Lines, l => l.Contains("nano_8.4-1_arm64.deb in the cache is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void What_changes_in_a_builds_folder_does_not_change_the_pool()
    {
        var nano = Keep("nano_8.4-1_arm64.deb", "nano");
        var archives = NewArchives();
        _pool.Provide([nano], archives);
        File.AppendAllText(Path.Combine(archives, nano.FileName), "more");

        Assert.Equal(0, _pool.Provide([nano], NewArchives()));
    }

    [Fact]
    public async Task Builds_that_keep_the_same_at_once_do_not_meet()
    {
        var folders = Enumerable.Range(0, 8).Select(_ => NewArchives()).ToList();
        foreach (var folder in folders)
            for (var i = 0; i < 10; i++)
                File.WriteAllText(Path.Combine(folder, $"p{i}_1_all.deb"), $"content {i}");

        await Task.WhenAll(folders.Select(folder => Task.Run(() => new PackagePool(_cache, _log).Keep(folder))));

        var names = Directory.GetFiles(_cache.Packages).Select(f => Path.GetFileName(f)!).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ContentFile.Sha256($"content {i}") + ".deb").ToHashSet(), names);
    }

    private string NewArchives() => Directory.CreateDirectory(_folder[Guid.NewGuid().ToString("N")]).FullName;

    private PackageArchive Keep(string name, string content)
    {
        var archives = NewArchives();
        File.WriteAllText(Path.Combine(archives, name), content);
        _pool.Keep(archives);
        return new PackageArchive(name, content.Length, ContentFile.Sha256(content));
    }
}

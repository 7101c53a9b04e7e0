using W4b.Image.Disk;
using static W4b.Image.Tests.Disk.Ext4FileSystemTests;

namespace W4b.Image.Tests.Disk;

public sealed class ReproducibilityTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_same_tree_made_later_in_another_folder_gives_the_same_bytes()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-5);
        foreach (var name in new[] { "one", "two" })
        {
            var tree = Directory.CreateDirectory(_bench.Path(name)).FullName;
            MakeTree(tree, name == "one");
            var image = await _bench.MakeExt4Async(24, tree, name + ".img");
            using (var fs = Workbench.Open(image))
            {
                fs.NormalizeTimes(Workbench.Epoch, before);
                fs.CreateDirectory("/etc", Mode("755"), 0, 0);
                fs.WriteFile("/etc/hostname", "hive\n"u8, Mode("644"), 0, 0);
                fs.WriteFile("/many/file7", "changed"u8, Mode("600"), 0, 0);
            }

            await _bench.AssertCleanAsync(image);
        }

        Assert.Equal(await File.ReadAllBytesAsync(_bench.Path("one.img")), await File.ReadAllBytesAsync(_bench.Path("two.img")));
    }

    [Fact]
    public async Task Old_times_stay_and_new_ones_become_the_epoch()
    {
        var image = await _bench.MakeExt4Async(16);
        var since = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using (var fs = Workbench.Open(image))
        {
            fs.WriteFile("/old", "x"u8, Mode("644"), 0, 0, since.AddTicks(-1));
            fs.WriteFile("/new", "x"u8, Mode("644"), 0, 0, since);
            fs.NormalizeTimes(Workbench.Epoch.AddDays(1), since);
            Assert.Equal(Ext4Time.From(since.AddSeconds(-1)), fs.Stat("/old").ModifiedTime);
            Assert.Equal(Ext4Time.From(Workbench.Epoch.AddDays(1)), fs.Stat("/new").ModifiedTime);
            Assert.Equal(Ext4Time.From(Workbench.Epoch.AddDays(1)), fs.Stat("/old").ChangeTime);
            Assert.Equal(Ext4Time.From(Workbench.Epoch.AddDays(1)), fs.Stat("/old").AccessTime);
        }

        await _bench.AssertCleanAsync(image);
        var superBlock = await _bench.DebugfsAsync(image, "stats -h");
        Assert.Equal(3, superBlock.Split('\n').Count(l => l.EndsWith("Wed Nov 15 22:13:20 2023", StringComparison.Ordinal)));
        Assert.DoesNotContain("Lifetime writes", superBlock, StringComparison.Ordinal);
    }

    private static void MakeTree(string tree, bool backwards)
    {
        var many = Directory.CreateDirectory(Path.Combine(tree, "many")).FullName;
        var numbers = Enumerable.Range(0, 600);
        foreach (var i in backwards ? numbers.Reverse() : numbers)
            File.WriteAllText(Path.Combine(many, $"file{i}"), new string('c', i));
        var deep = Directory.CreateDirectory(Path.Combine(tree, "deep/er")).FullName;
        File.WriteAllBytes(Path.Combine(deep, "large"), new byte[100_000]);
        File.CreateSymbolicLink(Path.Combine(deep, "link"), "large");
        var old = Path.Combine(deep, "old");
        File.WriteAllText(old, "old");
        File.SetLastWriteTimeUtc(old, new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
    }
}

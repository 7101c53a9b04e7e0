using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Tests.Disk;

public sealed class FatFileSystemTests : IDisposable
{
    private const long Offset = 4 << 20;
    private const long Length = 40 << 20;

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Files_come_back_with_names_content_and_times()
    {
        var tree = MakeTree();
        var fat = await MakeAsync("fat.img");
        await fat.PopulateAsync(tree, CancellationToken.None);

        Assert.Equal(
        [
            new FatEntry(".hidden", 1), new FatEntry("CAPS.TXT", 4), new FatEntry("a long name é.dtb", 9), new FatEntry("bcm2711-rpi-4-b.dtb", 70_000),
            new FatEntry("config.txt", 12), new FatEntry("noext", 0), new FatEntry("overlays/deeper/x.dtbo", 2), new FatEntry("overlays/y.dtbo", 3),
        ], fat.List());

        var back = Directory.CreateDirectory(_bench.Path("back")).FullName;
        await fat.ExtractAsync(back, CancellationToken.None);
        foreach (var file in Directory.GetFiles(tree, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(back, Path.GetRelativePath(tree, file));
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(copy));
            Assert.Equal(File.GetLastWriteTimeUtc(file), File.GetLastWriteTimeUtc(copy));
        }

        Assert.True(Directory.Exists(Path.Combine(back, "empty")));
        var check = await fat.CheckAsync(CancellationToken.None);
        Assert.True(check.IsClean, check.Output);
        Assert.Single(Directory.GetFiles(_bench.Folder, "fat.img*"));
    }

    [Fact]
    public async Task The_same_folder_gives_the_same_bytes()
    {
        var tree = MakeTree();
        await (await MakeAsync("one.img")).PopulateAsync(tree, CancellationToken.None);
        await (await MakeAsync("two.img")).PopulateAsync(tree, CancellationToken.None);
        Assert.Equal(await File.ReadAllBytesAsync(_bench.Path("one.img")), await File.ReadAllBytesAsync(_bench.Path("two.img")));
    }

    [Fact]
    public async Task Single_files_are_read_and_replaced()
    {
        var fat = await MakeAsync("fat.img");
        await fat.PopulateAsync(MakeTree(), CancellationToken.None);
        Assert.Equal("arm_64bit=1\n", Encoding.UTF8.GetString(await fat.ReadAsync("config.txt", CancellationToken.None)));
        await fat.WriteAsync("config.txt", "new"u8.ToArray(), CancellationToken.None);
        await fat.WriteAsync("overlays/[new].txt", "x"u8.ToArray(), CancellationToken.None);
        Assert.Equal("x"u8.ToArray(), await fat.ReadAsync("overlays/[new].txt", CancellationToken.None));
        Assert.Equal("new"u8.ToArray(), await fat.ReadAsync("config.txt", CancellationToken.None));
        Assert.Equal("y\0\n"u8.ToArray(), await fat.ReadAsync("/overlays/y.dtbo", CancellationToken.None));
        Assert.Equal(DiagnosticCode.ToolFailed, (await Assert.ThrowsAsync<W4bException>(() => fat.ReadAsync("missing", CancellationToken.None))).Diagnostics[0].Code);
        Assert.True((await fat.CheckAsync(CancellationToken.None)).IsClean);
    }

    [Fact]
    public async Task The_boot_sector_tells_label_id_and_length()
    {
        var boot = (await MakeAsync("fat.img")).ReadBootSector();
        Assert.Equal(new FatBootSector("BOOTFS", 0x1234ABCD, true, Length, 512), boot);
        Assert.Equal("1234-ABCD", boot.Uuid);
        SparseFile.Create(_bench.Path("zeros"), 1 << 20);
        Assert.Equal(DiagnosticCode.DamagedFileSystem,
            Assert.Throws<W4bException>(() => new FatFileSystem(_bench.Log, _bench.Path("zeros"), 0, Workbench.Epoch).ReadBootSector()).Diagnostics[0].Code);
    }

    [Fact]
    public async Task Damage_is_found()
    {
        var fat = await MakeAsync("fat.img");
        await using (var file = File.OpenWrite(_bench.Path("fat.img")))
        {
            // The first table, which then differs from the second one.
            file.Position = Offset + 32 * 512 + 100;
            file.Write([1, 2, 3, 4]);
        }

        Assert.False((await fat.CheckAsync(CancellationToken.None)).IsClean);
    }

    [Fact]
    public async Task Too_much_content_is_a_coded_error()
    {
        var tree = Directory.CreateDirectory(_bench.Path("big")).FullName;
        SparseFile.Create(Path.Combine(tree, "big"), Length);
        var fat = await MakeAsync("fat.img");
        var error = await Assert.ThrowsAsync<W4bException>(() => fat.PopulateAsync(tree, CancellationToken.None));
        Assert.Equal(DiagnosticCode.ImageFull, error.Diagnostics[0].Code);
    }

    [Fact]
    public async Task Links_are_refused()
    {
        var tree = Directory.CreateDirectory(_bench.Path("links")).FullName;
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "/etc/passwd");
        var error = await Assert.ThrowsAsync<W4bException>(async () => await (await MakeAsync("fat.img")).PopulateAsync(tree, CancellationToken.None));
        Assert.Equal(DiagnosticCode.PlanNotApplicable, error.Diagnostics[0].Code);
    }

    private async Task<FatFileSystem> MakeAsync(string name)
    {
        var image = _bench.Path(name);
        SparseFile.Create(image, Offset + Length + 4096);
        var fat = new FatFileSystem(_bench.Log, image, Offset, Workbench.Epoch);
        await fat.CreateAsync("BOOTFS", 0x1234ABCD, Length, CancellationToken.None);
        return fat;
    }

    private string MakeTree()
    {
        var tree = Directory.CreateDirectory(_bench.Path("tree")).FullName;
        Directory.CreateDirectory(Path.Combine(tree, "empty"));
        Directory.CreateDirectory(Path.Combine(tree, "overlays", "deeper"));
        var time = new DateTime(2023, 4, 5, 6, 7, 8, DateTimeKind.Utc);
        foreach (var (name, content) in new (string, string)[]
                 {
                     ("noext", ""), ("config.txt", "arm_64bit=1\n"), ("CAPS.TXT", "caps"), (".hidden", "h"), ("a long name é.dtb", "long name"),
                     ("overlays/y.dtbo", "y\0\n"), ("overlays/deeper/x.dtbo", "x\n"), ("bcm2711-rpi-4-b.dtb", new string('d', 70_000)),
                 })
        {
            var path = Path.Combine(tree, name);
            File.WriteAllText(path, content);
            File.SetLastWriteTimeUtc(path, time = time.AddHours(30));
        }

        return tree;
    }
}

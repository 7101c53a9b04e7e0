using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Tests.Disk;

public sealed class Ext4FileSystemTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_is_written_is_read_back_with_all_attributes()
    {
        var image = await _bench.MakeExt4Async();
        var modified = new DateTimeOffset(2040, 5, 6, 7, 8, 9, TimeSpan.Zero).AddTicks(1234567);
        using (var fs = Workbench.Open(image))
        {
            fs.CreateDirectory("/etc/deep/er", Mode("2750"), 7, 8, parents: true);
            fs.WriteFile("/etc/deep/er/file", "hello\n"u8, Mode("4711"), 100_000, 3_000_000_000, modified);
            fs.WriteFile("/empty", [], Mode("600"), 0, 0);
            fs.CreateSymlink("/short", "etc/deep", 5, 6);
            fs.CreateSymlink("/long", "/etc/" + new string('x', 300));
        }

        await _bench.AssertCleanAsync(image);
        using (var fs = Workbench.Open(image, writable: false))
        {
            var file = fs.Stat("/short/er/file");
            Assert.Equal("/etc/deep/er/file", file.Path);
            Assert.Equal((Ext4FileType.RegularFile, Mode("4711"), 100_000u, 3_000_000_000u, 6L, 1),
                (file.Type, file.Mode, file.Uid, file.Gid, file.Size, file.LinkCount));
            Assert.Equal(new Ext4Time(modified.ToUnixTimeSeconds(), 123456700), file.ModifiedTime);
            Assert.Equal(modified, file.ModifiedTime.ToDateTimeOffset());
            Assert.Equal(Ext4Time.From(Workbench.Epoch), file.ChangeTime);
            Assert.Equal("hello\n", fs.ReadAllText("/short/er/file"));
            Assert.Empty(fs.ReadAllBytes("/empty"));
            Assert.Equal("/etc/" + new string('x', 300), fs.Stat("/long", followLinks: false).LinkTarget);
            Assert.Equal(("etc/deep", 5u, 6u), (fs.Stat("/short", false).LinkTarget, fs.Stat("/short", false).Uid, fs.Stat("/short", false).Gid));
            var folder = fs.Stat("/etc/deep/er");
            Assert.Equal((Mode("2750"), 7u, 8u, 2), (folder.Mode, folder.Uid, folder.Gid, folder.LinkCount));
            Assert.Equal(["/", "/empty", "/etc", "/etc/deep", "/etc/deep/er", "/etc/deep/er/file", "/long", "/lost+found", "/short"],
                fs.Walk().Select(e => e.Path));
        }

        var second = await _bench.DebugfsAsync(image, "stat /etc/deep/er/file");
        Assert.Matches(@"Mode: +04711 ", second);
        Assert.Matches(@"User: +100000 +Group: +(3000000000|-1294967296) ", second); // older debugfs prints it signed
    }

    [Fact]
    public async Task Where_content_stands_in_the_image_is_known()
    {
        var image = await _bench.MakeExt4Async();
        var content = Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7)).ToArray();
        long free, inode;
        using (var fs = Workbench.Open(image))
        {
            free = fs.FirstFreePlace()!.Value;
            inode = fs.FirstFreeInodePlace()!.Value;
            fs.WriteFile("/file", content, Mode("644"), 0, 0);
            fs.CreateSymlink("/short", "file");
        }

        using var read = Workbench.Open(image, writable: false);
        var places = read.PlacesOf(read.Stat("/file"));
        Assert.Equal(3, places.Count);
        Assert.Equal(free, places[0]);
        Assert.NotEqual(free, read.FirstFreePlace());
        // struct ext2_inode: i_size stands at 4.
        Assert.Equal(content.Length, BitConverter.ToInt32(File.ReadAllBytes(image), (int)inode + 4));
        Assert.Equal(inode + 2 * 256, read.FirstFreeInodePlace());
        Assert.Equal(content, places.SelectMany(place => File.ReadAllBytes(image)[(int)place..((int)place + 4096)]).Take(content.Length));
        Assert.Contains("file", System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(image), (int)Assert.Single(read.PlacesOf(read.Stat("/"))), 4096), StringComparison.Ordinal);
        Assert.Empty(read.PlacesOf(read.Stat("/short", followLinks: false)));
    }

    [Fact]
    public async Task Paths_behave_like_ordinary_paths_inside_the_image()
    {
        var image = await _bench.MakeExt4Async();
        using var fs = Workbench.Open(image);
        fs.CreateDirectory("/usr/lib", Mode("755"), 0, 0, parents: true);
        fs.CreateSymlink("/lib", "usr/lib");
        fs.CreateSymlink("/usr/up", "../usr/./lib/../lib");
        fs.CreateSymlink("/absolute", "/lib/file");
        fs.CreateSymlink("/above", "../../../../usr");
        fs.CreateSymlink("/circle", "/circle2");
        fs.CreateSymlink("/circle2", "/circle");
        fs.CreateSymlink("/dangling", "/nowhere");
        fs.WriteFile("/lib/file", "x"u8, Mode("644"), 0, 0);

        foreach (var path in new[] { "/usr/lib/file", "/lib/file", "/usr/up/file", "/absolute", "/above/lib/file", "//lib//./file", "/../lib/file" })
            Assert.Equal("/usr/lib/file", fs.Stat(path).Path);
        foreach (var path in new[] { "/circle", "/circle/x", "/dangling", "/lib/file/x", "/lib/file/..", "/missing/x", "/lib/FILE" })
            Assert.Null(fs.Find(path));
        Assert.Equal(Ext4FileType.SymbolicLink, fs.Stat("/circle", followLinks: false).Type);
        Assert.Equal("W4B4002", Assert.Throws<W4bException>(() => fs.ReadAllText("/missing")).Diagnostics[0].Code.Id);
        Assert.Throws<ArgumentException>(() => fs.Find("relative"));

        // Forty links are followed, one more is not: path_resolution(7).
        fs.WriteFile("/link0", "end"u8, Mode("644"), 0, 0);
        for (var i = 1; i <= 41; i++)
            fs.CreateSymlink($"/link{i}", $"link{i - 1}");
        Assert.Equal("/link0", fs.Find("/link40")?.Path);
        Assert.Null(fs.Find("/link41"));
    }

    [Fact]
    public async Task Overwriting_one_name_of_a_hard_linked_file_leaves_the_others()
    {
        var tree = Directory.CreateDirectory(_bench.Path("tree")).FullName;
        await File.WriteAllTextAsync(Path.Combine(tree, "a"), "old content");
        await _bench.RunAsRootAsync($"ln '{tree}/a' '{tree}/b'; ln '{tree}/a' '{tree}/c'");
        var image = await _bench.MakeExt4Async(tree: tree);
        using (var fs = Workbench.Open(image))
        {
            Assert.Equal(3, fs.Stat("/a").LinkCount);
            fs.WriteFile("/b", "new"u8, Mode("600"), 1, 2);
            Assert.Equal(("old content", "new", "old content"), (fs.ReadAllText("/a"), fs.ReadAllText("/b"), fs.ReadAllText("/c")));
            Assert.Equal((2, 1), (fs.Stat("/a").LinkCount, fs.Stat("/b").LinkCount));
            Assert.Equal(fs.Stat("/a").Inode, fs.Stat("/c").Inode);
            Assert.True(fs.Delete("/c"));
            Assert.Equal("old content", fs.ReadAllText("/a"));
        }

        await _bench.AssertCleanAsync(image);
    }

    [Fact]
    public async Task Overwriting_replaces_content_attributes_and_links()
    {
        var image = await _bench.MakeExt4Async();
        var large = new byte[3_000_001];
        new Random(1).NextBytes(large);
        using (var fs = Workbench.Open(image))
        {
            fs.WriteFile("/file", new MemoryStream(large), Mode("4755"), 1, 1);
            fs.SetXattr("/file", "security.capability", Capability);
            Assert.Equal(large, fs.ReadAllBytes("/file"));
            var inode = fs.Stat("/file").Inode;
            fs.WriteFile("/file", "short"u8, Mode("640"), 2, 3);
            Assert.Equal("short", fs.ReadAllText("/file"));
            Assert.Equal((inode, Mode("640"), 2u, 3u), (fs.Stat("/file").Inode, fs.Stat("/file").Mode, fs.Stat("/file").Uid, fs.Stat("/file").Gid));
            Assert.Empty(fs.ReadXattrs(inode));

            fs.CreateSymlink("/link", "file");
            fs.WriteFile("/link", "mine"u8, Mode("644"), 0, 0);
            Assert.Equal((Ext4FileType.RegularFile, "short"), (fs.Stat("/link", false).Type, fs.ReadAllText("/file")));
            fs.CreateSymlink("/file", "link");
            Assert.Equal("mine", fs.ReadAllText("/file"));
        }

        await _bench.AssertCleanAsync(image);
    }

    [Fact]
    public async Task Deleting_gives_everything_back()
    {
        var image = await _bench.MakeExt4Async();
        using (var fs = Workbench.Open(image))
        {
            var before = fs.Statistics;
            fs.CreateDirectory("/tree/a/b", Mode("755"), 0, 0, parents: true);
            for (var i = 0; i < 20; i++)
                fs.WriteFile($"/tree/a/file{i}", new byte[10_000], Mode("644"), 0, 0);
            fs.CreateSymlink("/tree/a/b/link", "/" + new string('t', 200));
            // Too large for the inode: it takes a block of its own.
            fs.SetXattr("/tree/a/file3", "user.large", new byte[2000]);
            fs.SetXattr("/tree/a/file4", "user.large", new byte[2000]);
            Assert.True(fs.Statistics.FreeBlocks < before.FreeBlocks - 60);

            Assert.Equal("W4B4001", Assert.Throws<W4bException>(() => fs.Delete("/tree")).Diagnostics[0].Code.Id);
            Assert.True(fs.Delete("/tree/a/file4"));
            Assert.True(fs.Delete("/tree", recursive: true));
            Assert.False(fs.Delete("/tree"));
            Assert.Null(fs.Find("/tree/a"));
            Assert.Equal(before, fs.Statistics);
        }

        await _bench.AssertCleanAsync(image);
    }

    [Fact]
    public async Task Extended_attributes_keep_their_bytes()
    {
        var image = await _bench.MakeExt4Async();
        using (var fs = Workbench.Open(image))
        {
            fs.WriteFile("/ping", "x"u8, Mode("755"), 0, 0);
            fs.SetXattr("/ping", "user.b", [0, 1, 255]);
            fs.SetXattr("/ping", "security.capability", Capability);
            fs.SetXattr("/ping", "user.empty", []);
            fs.SetXattr("/ping", PosixAcl.AccessAttribute, Acl);
            fs.SetXattr("/ping", "user.gone", [1]);
            fs.SetXattr("/ping", "user.gone", null);
            fs.SetXattr("/ping", "user.never", null);
            Assert.Equal("W4B4001", Assert.Throws<W4bException>(() => fs.SetXattr("/ping", "user.huge", new byte[5000])).Diagnostics[0].Code.Id);
        }

        await _bench.AssertCleanAsync(image);
        using (var fs = Workbench.Open(image, writable: false))
        {
            var attributes = fs.ReadXattrs(fs.Stat("/ping").Inode);
            Assert.Equal(["security.capability", PosixAcl.AccessAttribute, "user.b", "user.empty"], attributes.Keys);
            Assert.Equal(Capability, attributes["security.capability"]);
            Assert.Equal([0, 1, 255], attributes["user.b"]);
            Assert.Empty(attributes["user.empty"]);
            Assert.Equal("user::rw-,user:1000:r--,group::r--,mask::r--,other::---", PosixAcl.ToText(attributes[PosixAcl.AccessAttribute]));
        }

        Assert.Contains("user.b (3)", await _bench.DebugfsAsync(image, "ea_list /ping"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_takes_many_entries()
    {
        var image = await _bench.MakeExt4Async();
        using (var fs = Workbench.Open(image))
        {
            fs.CreateDirectory("/many", Mode("755"), 0, 0);
            for (var i = 0; i < 800; i++)
                fs.CreateSymlink($"/many/{new string('n', 60)}-{i:d4}", "target");
            for (var i = 0; i < 800; i += 2)
                fs.Delete($"/many/{new string('n', 60)}-{i:d4}");
            for (var i = 0; i < 50; i++)
                fs.CreateDirectory($"/many/folder{i}", Mode("755"), 0, 0);
            Assert.Equal(52, fs.Stat("/many").LinkCount);
            fs.Delete("/many/folder7");
            Assert.Equal(51, fs.Stat("/many").LinkCount);
        }

        await _bench.AssertCleanAsync(image);
        using (var fs = Workbench.Open(image, writable: false))
            Assert.Equal(1 + 400 + 49, fs.Walk("/many").Count());
    }

    [Fact]
    public async Task A_stream_reads_from_any_place_and_holes_as_zeros()
    {
        var tree = Directory.CreateDirectory(_bench.Path("tree")).FullName;
        await using (var file = File.Create(Path.Combine(tree, "sparse")))
        {
            file.Position = 1_000_000;
            file.Write("end"u8);
        }

        var image = await _bench.MakeExt4Async(tree: tree);
        using var fs = Workbench.Open(image, writable: false);
        using var stream = fs.OpenRead("/sparse");
        Assert.Equal(1_000_003, stream.Length);
        stream.Seek(-5, SeekOrigin.End);
        var tail = new byte[5];
        await stream.ReadExactlyAsync(tail);
        Assert.Equal([0, 0, .. "end"u8], tail);
        Assert.Equal(0, stream.Read(tail));
        stream.Position = 500_000;
        Assert.Equal(0, stream.ReadByte());
    }

    [Fact]
    public async Task Attributes_change_and_what_is_null_stays()
    {
        var image = await _bench.MakeExt4Async();
        using var fs = Workbench.Open(image);
        fs.WriteFile("/f", "x"u8, Mode("600"), 1, 2, Workbench.Epoch);
        fs.CreateSymlink("/l", "f");
        fs.SetAttributes("/l", mode: Mode("644"), gid: 70_000);
        fs.SetAttributes("/l", uid: 9, followLinks: false);
        var (file, link) = (fs.Stat("/f"), fs.Stat("/l", followLinks: false));
        Assert.Equal((Mode("644"), 1u, 70_000u, Ext4Time.From(Workbench.Epoch)), (file.Mode, file.Uid, file.Gid, file.ModifiedTime));
        Assert.Equal((9u, 0u), (link.Uid, link.Gid));
        fs.CreateDirectory("/d", Mode("700"), 0, 0);
        fs.WriteFile("/d/f", "x"u8, Mode("600"), 0, 0);
        fs.CreateDirectory("/d", Mode("1777"), 3, 4);
        Assert.Equal((Mode("1777"), 3u, 4u, "x"), (fs.Stat("/d").Mode, fs.Stat("/d").Uid, fs.Stat("/d").Gid, fs.ReadAllText("/d/f")));
    }

    [Theory]
    [InlineData("/missing/file", "no folder /missing")]
    [InlineData("/file/x", "no folder /file")]
    [InlineData("/folder", "a folder has this name")]
    [InlineData("/", "no entry")]
    [InlineData("/folder/..", "no entry")]
    public async Task A_place_that_takes_no_file_is_said(string path, string expected)
    {
        var image = await _bench.MakeExt4Async(16);
        using var fs = Workbench.Open(image);
        fs.CreateDirectory("/folder", Mode("755"), 0, 0);
        fs.WriteFile("/file", "x"u8, Mode("644"), 0, 0);
        var error = Assert.Throws<W4bException>(() => fs.WriteFile(path, "x"u8, Mode("644"), 0, 0));
        Assert.Equal("W4B4001", error.Diagnostics[0].Code.Id);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Throws<W4bException>(() => fs.CreateSymlink(path, "x"));
    }

    [Fact]
    public async Task Names_and_targets_that_ext4_cannot_hold_are_refused()
    {
        var image = await _bench.MakeExt4Async(16);
        using var fs = Workbench.Open(image);
        fs.WriteFile("/" + new string('n', 255), "x"u8, Mode("644"), 0, 0);
        Assert.Throws<W4bException>(() => fs.WriteFile("/" + new string('n', 256), "x"u8, Mode("644"), 0, 0));
        Assert.Throws<W4bException>(() => fs.CreateSymlink("/l", new string('t', 4096)));
        Assert.Throws<W4bException>(() => fs.CreateSymlink("/l", ""));
        fs.CreateSymlink("/l", new string('t', 4095));
        Assert.Equal(4095, fs.Stat("/l", followLinks: false).LinkTarget!.Length);
        Assert.Throws<W4bException>(() => fs.CreateDirectory("/l", Mode("755"), 0, 0));
    }

    [Fact]
    public async Task A_full_file_system_is_a_coded_error_and_stays_valid()
    {
        var image = await _bench.MakeExt4Async(16);
        using (var fs = Workbench.Open(image))
        {
            var before = fs.Statistics.FreeBlocks;
            var error = Assert.Throws<W4bException>(() => fs.WriteFile("/big", new byte[16 << 20], Mode("644"), 0, 0));
            Assert.Equal(DiagnosticCode.ImageFull, error.Diagnostics[0].Code);
            Assert.Null(fs.Find("/big"));
            Assert.Equal(before, fs.Statistics.FreeBlocks);
            fs.WriteFile("/most", new byte[(before - 32) * 4096], Mode("644"), 0, 0);
            Assert.InRange(fs.Statistics.FreeBlocks, 16, 32);
        }

        await _bench.AssertCleanAsync(image);
    }

    [Fact]
    public async Task A_writer_excludes_others_and_readers_exclude_a_writer()
    {
        var image = await _bench.MakeExt4Async(16);
        using (Workbench.Open(image))
            Assert.Equal(DiagnosticCode.FileAccess, Assert.Throws<W4bException>(() => Workbench.Open(image, writable: false)).Diagnostics[0].Code);
        using (Workbench.Open(image, writable: false))
        using (Workbench.Open(image, writable: false))
            Assert.Throws<W4bException>(() => Workbench.Open(image));
    }

    [Theory]
    [InlineData("feature needs_recovery", "recovery")]
    [InlineData("set_super_value state 3", "errors")]
    [InlineData("set_super_value state 0", "not marked clean")]
    [InlineData("set_super_value last_orphan 12", "clean up")]
    public async Task A_file_system_in_need_of_repair_is_refused(string damage, string expected)
    {
        var image = await _bench.MakeExt4Async(16);
        await _bench.DebugfsAsync(image, damage, "-w");
        var error = Assert.Throws<W4bException>(() => Workbench.Open(image, writable: false));
        Assert.Equal(DiagnosticCode.DamagedFileSystem, error.Diagnostics[0].Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_ext4_and_no_file_are_coded_errors()
    {
        SparseFile.Create(_bench.Path("zeros"), 4 << 20);
        Assert.Equal(DiagnosticCode.DamagedFileSystem, Assert.Throws<W4bException>(() => Workbench.Open(_bench.Path("zeros"))).Diagnostics[0].Code);
        Assert.Equal(DiagnosticCode.FileAccess, Assert.Throws<W4bException>(() => Workbench.Open(_bench.Path("missing"))).Diagnostics[0].Code);
    }

    [Fact]
    public async Task Statistics_say_what_was_asked_of_mke2fs()
    {
        var image = await _bench.MakeExt4Async();
        using var fs = Workbench.Open(image, writable: false);
        var statistics = fs.Statistics;
        Assert.Equal((4096, 24 << 8, Workbench.Uuid, "rootfs", 1), (statistics.BlockSize, statistics.Blocks, statistics.Uuid, statistics.Label, statistics.State));
        Assert.Equal((0x3Cu, 0x242u, 0x463u), (statistics.CompatibleFeatures, statistics.IncompatibleFeatures, statistics.ReadOnlyCompatibleFeatures));
        Assert.InRange(statistics.UsedBytes, 4 << 20, 10 << 20);
    }

    internal static readonly byte[] Capability = Convert.FromHexString("0100000200200000000000000000000000000000");

    // user::rw-, user:1000:r--, group::r--, mask::r--, other::---
    internal static readonly byte[] Acl = Convert.FromHexString("01000000" + "01000600" + "02000400E8030000" + "04000400" + "10000400" + "20000000");

    internal static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}

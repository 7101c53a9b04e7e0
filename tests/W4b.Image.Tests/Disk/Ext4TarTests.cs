using System.Text;
using W4b.Image.Disk;
using W4b.Image.Tools;
using static W4b.Image.Tests.Disk.Ext4FileSystemTests;

namespace W4b.Image.Tests.Disk;

public sealed class Ext4TarTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>The way a software layer goes: image, tar, tree in a namespace, new image. Nothing may get lost.</summary>
    [Fact]
    public async Task A_tree_is_the_same_after_tar_bsdtar_and_mke2fs()
    {
        var image = await _bench.MakeExt4Async();
        using (var fs = Workbench.Open(image))
            Fill(fs);
        // What the writers do not make: the second name of a hard link, a pipe and a device.
        await _bench.DebugfsAsync(image, "ln /bin/ping /bin/ping6", "-w");
        await _bench.DebugfsAsync(image, "set_inode_field /bin/ping links_count 2", "-w");
        await _bench.DebugfsAsync(image, "mknod pipe p", "-w");
        await _bench.DebugfsAsync(image, "mknod console c 5 1", "-w");
        await _bench.AssertCleanAsync(image);

        var tar = _bench.Path("tree.tar");
        List<string> expected;
        using (var fs = Workbench.Open(image, writable: false))
        {
            expected = Facts(fs);
            Assert.Contains(expected, line => line.Contains("security.capability=", StringComparison.Ordinal));
            Assert.Equal((Ext4FileType.CharacterDevice, 5, 1), (fs.Stat("/console").Type, fs.Stat("/console").DeviceMajor, fs.Stat("/console").DeviceMinor));
            await using var output = File.Create(tar);
            await Ext4Tar.WriteAsync(fs, output, CancellationToken.None);
        }

        var second = _bench.Path("second.img");
        SparseFile.Create(second, Workbench.Offset + (24 << 20));
        var arguments = string.Join(' ', new Mke2fs(24 << 20, Workbench.Uuid, "rootfs").Arguments(second, Workbench.Offset, _bench.Path("unpacked")));
        await _bench.RunAsRootAsync($"""
            cd '{_bench.Folder}'
            mkdir unpacked
            bsdtar -xp --numeric-owner -f tree.tar -C unpacked
            PATH=$PATH:/usr/sbin:/sbin MKE2FS_CONFIG=/dev/null mke2fs {arguments}
            rm -r unpacked
            """);
        await _bench.AssertCleanAsync(second);
        using (var fs = Workbench.Open(second))
        {
            Assert.Equal(string.Join('\n', expected), string.Join('\n', Facts(fs)));
            Assert.Null(fs.Find("/console"));
            Assert.Equal(fs.Stat("/bin/ping").Inode, fs.Stat("/bin/ping6").Inode);
        }
    }

    private static void Fill(Ext4FileSystem fs)
    {
        var time = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        fs.CreateDirectory("/bin", Mode("755"), 0, 0);
        fs.CreateDirectory("/var/mail", Mode("2775"), 0, 8, parents: true);
        fs.CreateDirectory("/tmp", Mode("1777"), 0, 0);
        fs.WriteFile("/bin/ping", "capable"u8, Mode("755"), 0, 0, time);
        fs.SetXattr("/bin/ping", "security.capability", Capability);
        fs.WriteFile("/bin/su", "set-id"u8, Mode("4755"), 0, 0, time);
        fs.WriteFile("/bin/expiry", "set-gid"u8, Mode("2755"), 0, 42, time);
        fs.WriteFile("/var/mail/bee", Encoding.UTF8.GetBytes(new string('m', 100_000)), Mode("660"), 1000, 8, time);
        fs.WriteFile("/var/mail/nobody", [], Mode("0"), 65534, 65534, time);
        fs.WriteFile("/var/mail/acl", "x"u8, Mode("640"), 0, 0, time);
        fs.SetXattr("/var/mail/acl", PosixAcl.AccessAttribute, Acl);
        fs.SetXattr("/var/mail", PosixAcl.DefaultAttribute, Acl);
        fs.SetXattr("/var/mail/acl", "user.note", [0, 10, 61, 255]);
        fs.WriteFile("/var/" + new string('ü', 100), "x"u8, Mode("644"), 0, 0, time);
        fs.CreateSymlink("/var/run", "../run", 3, 4);
        fs.CreateSymlink("/var/long", "/" + new string('t', 250));
        foreach (var folder in new[] { "/bin", "/var", "/var/mail", "/tmp" })
            fs.SetAttributes(folder, modified: time.AddDays(1));
    }

    [Fact]
    public async Task Large_owners_long_paths_and_old_times_are_in_the_archive()
    {
        var image = await _bench.MakeExt4Async(16);
        using var fs = Workbench.Open(image);
        fs.WriteFile("/old", "x"u8, Mode("644"), 2_000_000_000, 3_000_000, new DateTimeOffset(1960, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var folder = "";
        for (var i = 0; i < 5; i++)
            fs.CreateDirectory(folder += "/" + new string((char)('a' + i), 90), Mode("755"), 0, 0);
        fs.WriteFile(folder + "/future", "x"u8, Mode("644"), 0, 0, new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var tar = _bench.Path("tree.tar");
        await using (var output = File.Create(tar))
            await Ext4Tar.WriteAsync(fs, output, CancellationToken.None);
        var listing = (await HostTool.Bsdtar.RunAsync(_bench.Log, ["-tv", "--numeric-owner", "-f", tar], CancellationToken.None)).Output;
        Assert.Matches(@"2000000000 +3000000 .*1960 \./old", listing);
        Assert.Contains($"2200 .{folder}/future", listing, StringComparison.Ordinal);
    }

    // All that must survive, a line an entry.
    private static List<string> Facts(Ext4FileSystem fs)
        => [.. fs.Walk().Where(e => e.Path is not ("/console" or "/lost+found")).Select(e => string.Join(' ',
            e.Path, e.Type, e.Mode, e.Uid, e.Gid, e.Type == Ext4FileType.Directory ? 0 : e.Size,
            // mke2fs -d leaves the root's time to the clock.
            e.Path == "/" ? 0 : e.ModifiedTime.Seconds, e.LinkCount, e.LinkTarget,
            e.Type == Ext4FileType.RegularFile ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(fs.ReadAllBytes(e.Path))) : "",
            string.Join(',', fs.ReadXattrs(e.Inode).Select(a => $"{a.Key}={Convert.ToHexString(a.Value)}"))))];
}

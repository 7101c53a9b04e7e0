using System.Text;
using W4b.Image.Disk;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Comparison;

/// <summary>Two small real images and what is told of them.</summary>
public sealed class CompareImagesTests : IDisposable, IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private string _image = "";
    private string _other = "";

    public async Task InitializeAsync()
    {
        _image = await TinyCard.CreateAsync(_folder["a.img"], _log);
        _other = _folder["b.img"];
        await SparseFile.CopyAsync(_image, _other, SparseFile.OwnerOnly, CancellationToken.None);
    }

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Equal_images_are_the_same_to_the_byte_compressed_or_not()
    {
        await Compress(_other);
        Assert.Contains("The images are the same to the byte.", await CompareAsync(_other + ".xz"), StringComparison.Ordinal);
        Assert.Single(_folder.Files, f => f.EndsWith(".img", StringComparison.Ordinal)); // the unpacked copy is gone
    }

    [Fact]
    public async Task Each_kind_of_difference_is_told_in_its_table()
    {
        using (var root = TinyCard.OpenRoot(_other, writable: true))
        {
            void Write(string path, string text, int mode = 0b110_100_100) => root.WriteFile(path, Encoding.UTF8.GetBytes(text), (UnixFileMode)mode, 0, 0, TinyCard.Epoch);
            Write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n");
            Write("/etc/nftables.conf", "tcp dport 22 accept\n");
            Write("/etc/fstab", root.ReadAllText("/etc/fstab"), 0b110_000_000);
            Write("/var/lib/dpkg/status", root.ReadAllText("/var/lib/dpkg/status") + "\nPackage: dash\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1\n");
            root.CreateDirectory("/etc/systemd/system/multi-user.target.wants", (UnixFileMode)0b111_101_101, 0, 0, parents: true);
            root.CreateSymlink("/etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service");
        }

        await TinyCard.Boot(_other, _log).WriteAsync("/config.txt", "arm_64bit=0\n"u8.ToArray(), CancellationToken.None);
        var report = await CompareAsync(_other);
        Assert.Contains("They differ in: sizes and partitions (1), packages (1), units (1), users and groups (1), ports (1), files (", report, StringComparison.Ordinal);
        Assert.Contains("| dash:arm64 |  | 1 |", report, StringComparison.Ordinal);
        Assert.Contains("| ssh.service |  | started by multi-user.target |", report, StringComparison.Ordinal);
        Assert.Contains("| ada |  | 1000:1000, /home/ada, /bin/sh, no password entry |", report, StringComparison.Ordinal);
        Assert.Contains("| tcp 22 |  | from everywhere |", report, StringComparison.Ordinal);
        Assert.Contains("| /etc/fstab | mode 644 | mode 600 |", report, StringComparison.Ordinal);
        Assert.Contains("| (boot)/config.txt | size 48, sha256 ", report, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/group", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_belong_to_no_file_are_told_by_their_place()
    {
        using (var image = File.OpenHandle(_other, FileMode.Open, FileAccess.Write))
            RandomAccess.Write(image, [1], 4096 * 512);
        Assert.Contains("No file differs, but bytes of the card do: outside of the partitions, first at byte 2097152 of the image.", await CompareAsync(_other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_image_is_an_error()
    {
        var error = await Assert.ThrowsAsync<W4bException>(() => CompareAsync(_folder.Write("c.img", "no image")));
        Assert.Equal(DiagnosticCode.ArchiveDamaged, Assert.Single(error.Diagnostics).Code);
    }

    private Task<string> CompareAsync(string other) => CompareImagesStep.RunAsync(_image, other, _folder["report.md"], _log, CancellationToken.None);

    private async Task Compress(string image)
    {
        await new HostTool("xz", "xz-utils").RunAsync(_log, ["-0", image], CancellationToken.None);
        Assert.False(File.Exists(image));
    }
}

using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Disk;

/// <summary>A temporary folder with what the disk tests need: images, tools, a second opinion.</summary>
public sealed class Workbench : IDisposable
{
    public static readonly DateTimeOffset Epoch = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    public static readonly Guid Uuid = new("12345678-1234-1234-1234-123456789abc");
    public const long Offset = 1 << 20;

    private static readonly HostTool s_debugfs = new("debugfs", "e2fsprogs");

    public string Folder { get; } = Directory.CreateTempSubdirectory("w4b-disk-").FullName;

    public IBuildLog Log { get; } = new SilentLog();

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>An image with an ext4 file system at <see cref="Offset"/>, made as the build makes it.</summary>
    public async Task<string> MakeExt4Async(int mebibytes = 24, string? tree = null, string name = "ext4.img")
    {
        var image = Path(name);
        SparseFile.Create(image, Offset + ((long)mebibytes << 20));
        await HostTool.Mke2fs.RunAsync(Log, new Mke2fs((long)mebibytes << 20, Uuid, "rootfs").Arguments(image, Offset, tree),
            CancellationToken.None, environment: Mke2fs.Environment);
        return image;
    }

    public static Ext4FileSystem Open(string image, bool writable = true) => Ext4FileSystem.Open(image, Offset, writable, Epoch);

    public async Task AssertCleanAsync(string image)
    {
        var check = await Ext4Check.RunAsync(Log, image, Offset, CancellationToken.None);
        Assert.True(check.IsClean, check.Output);
    }

    public async Task<string> DebugfsAsync(string image, string request, params string[] options)
        => (await s_debugfs.RunAsync(Log, [.. options, "-R", request, $"{image}?offset={Offset}"], CancellationToken.None)).Output;

    /// <summary>Runs a shell script as root: as it is, or in a user namespace with the user's subordinate ids.</summary>
    public async Task<string> RunAsRootAsync(string script)
    {
        var result = Environment.IsPrivilegedProcess
            ? await new HostTool("sh", "dash").RunAsync(Log, ["-ec", script], CancellationToken.None)
            : await new HostTool("unshare", "util-linux").RunAsync(Log,
                ["--user", "--map-root-user", "--map-auto", "sh", "-ec", script], CancellationToken.None);
        return result.Output;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class SilentLog : IBuildLog
    {
        public void Info(string message)
        {
        }

        public void Detail(string message)
        {
        }

        public void Warning(Diagnostic diagnostic) => Assert.Fail(diagnostic.ToString());
    }
}

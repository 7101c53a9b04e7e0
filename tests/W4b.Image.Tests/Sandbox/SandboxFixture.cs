using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Sandbox;

/// <summary>Small Debian trees of both architectures, made once, and the users to try them as.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private static readonly Dictionary<string, string> HostEnvironment = new()
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["HOME"] = "/mnt",
        ["TMPDIR"] = "/mnt",
        ["SOURCE_DATE_EPOCH"] = "1760000000",
    };

    private readonly Dictionary<string, SandboxUser> _users = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("w4b-sandbox-test-").FullName;

    public async Task InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException();
        // Another user must get through to the helper and the trees.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        File.Copy(SandboxHelper.Path, Path.Combine(Folder, "w4b-sandbox"));
        _users["current"] = SandboxUser.Current;
        _users["ordinary"] = SandboxUser.FindOrdinary();
        foreach (var (key, user) in _users)
            user.CreateFolder(Path.Combine(Folder, key));
        await Task.WhenAll(Enum.GetValues<Architecture>().Select(BootstrapAsync));
    }

    public async Task DisposeAsync()
    {
        foreach (var (key, user) in _users)
        {
            await RunAsync(key, new SandboxOptions { Environment = HostEnvironment }, "find", [Path.Combine(Folder, key), "-mindepth", "1", "-delete"]);
            if (key != "current")
                user.Delete();
        }
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A new copy of the tree of <paramref name="architecture"/>, owned by the user.</summary>
    internal async Task<string> UnpackAsync(string user, Architecture architecture)
    {
        var tree = Path.Combine(Folder, user, Guid.NewGuid().ToString("N"));
        // Streamed, as the files of an image are.
        var result = await RunAsync(user, new SandboxOptions { Environment = HostEnvironment }, "sh",
            ["-euc", "mkdir $0; tar -x --numeric-owner -C $0 --exclude='./dev/*' --exclude='./usr/share/*/*'", tree], async (stream, token) =>
            {
                await using var tar = File.OpenRead(TarOf(architecture));
                await tar.CopyToAsync(stream, token);
            });
        Assert.Equal(0, result.ExitCode);
        return tree;
    }

    /// <summary>Runs a command of the tree in the tree.</summary>
    internal Task<SandboxResult> RunInsideAsync(string user, Architecture architecture, string tree, string script, params Bind[] binds)
        => RunAsync(user, new SandboxOptions { Root = tree, Architecture = architecture, Binds = binds, Environment = HostEnvironment }, "/bin/sh", ["-c", script]);

    /// <summary>Runs a shell script of the host in the sandbox.</summary>
    internal Task<SandboxResult> RunOutsideAsync(string user, string script, params string[] arguments)
        => RunAsync(user, new SandboxOptions { Environment = HostEnvironment }, "/bin/sh", ["-c", script, .. arguments]);

    internal async Task<SandboxResult> RunAsync(string user, SandboxOptions options, string command, IEnumerable<string> arguments,
        Func<Stream, CancellationToken, Task>? input = null, Func<Stream, CancellationToken, Task>? output = null,
        Action<string>? onLine = null, CancellationToken cancellation = default)
        => await SandboxRunner.RunAsync(As(user, options), command, arguments, new ListLog(), cancellation, input, onLine, output);

    internal SandboxOptions As(string user, SandboxOptions options)
        => options with { Helper = Path.Combine(Folder, "w4b-sandbox"), RunBy = _users[user].RunBy };

    private string TarOf(Architecture architecture) => Path.Combine(Folder, $"{architecture.DebianName()}.tar");

    // A mirror that is being updated may have the lists of one release, while those of another are whole. Which it is, does not matter here.
    private async Task BootstrapAsync(Architecture architecture)
    {
        var result = await BootstrapAsync(architecture, "trixie");
        if (result.ExitCode != 0 && result.Output.Contains("Mirror sync in progress", StringComparison.Ordinal))
            result = await BootstrapAsync(architecture, "bookworm");
        Assert.True(result.ExitCode == 0, result.Output);
    }

    private async Task<SandboxResult> BootstrapAsync(Architecture architecture, string suite)
    {
        await using var tar = File.Create(TarOf(architecture));
        var options = new SandboxOptions
        {
            Architecture = architecture,
            Binds = [new Bind(Path.Combine(Folder, "current"), "/mnt")],
            Environment = HostEnvironment,
        };
        // Without updates: the release alone is enough here.
        return await RunAsync("current", options, HostTool.Mmdebstrap.Path,
            [
                "--mode=root", "--variant=extract", "--format=tar", $"--architectures={architecture.DebianName()}", "--skip=check/qemu",
                "--include=base-files,coreutils,dash,dpkg", "--aptopt=Acquire::Languages \"none\"",
                "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", "--setup-hook=sed -i '2,$d' \"$1/etc/apt/sources.list\"", suite, "-",
            ], output: (stream, token) => stream.CopyToAsync(tar, token));
    }
}

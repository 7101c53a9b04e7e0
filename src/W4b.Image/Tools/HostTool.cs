using System.Diagnostics;
using System.Text;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tools;

/// <summary>What a finished tool left.</summary>
/// <param name="ExitCode">The exit status.</param>
/// <param name="Output">Standard output and standard error, in the order of arrival.</param>
public sealed record ToolResult(int ExitCode, string Output);

/// <summary>A program of the host: where it is, the package that has it, and how it is run.</summary>
/// <param name="Name">The program's file name.</param>
/// <param name="Package">The Debian package that brings it, for the error when it is missing.</param>
public sealed record HostTool(string Name, string Package)
{
    /// <summary>e2fsprogs: makes an ext4 file system.</summary>
    public static readonly HostTool Mke2fs = new("mke2fs", "e2fsprogs");
    /// <summary>e2fsprogs: checks an ext4 file system.</summary>
    public static readonly HostTool E2fsck = new("e2fsck", "e2fsprogs");
    /// <summary>dosfstools: makes a FAT file system.</summary>
    public static readonly HostTool MkfsVfat = new("mkfs.vfat", "dosfstools");
    /// <summary>dosfstools: checks a FAT file system.</summary>
    public static readonly HostTool FsckVfat = new("fsck.vfat", "dosfstools");
    /// <summary>mtools: copies to and from a FAT file system.</summary>
    public static readonly HostTool Mcopy = new("mcopy", "mtools");
    /// <summary>mtools: makes folders in a FAT file system.</summary>
    public static readonly HostTool Mmd = new("mmd", "mtools");
    /// <summary>libarchive-tools: unpacks a tar stream with owners and extended attributes.</summary>
    public static readonly HostTool Bsdtar = new("bsdtar", "libarchive-tools");
    /// <summary>mmdebstrap: makes a root file system from Debian packages.</summary>
    public static readonly HostTool Mmdebstrap = new("mmdebstrap", "mmdebstrap");
    /// <summary>apt: fetches packages.</summary>
    public static readonly HostTool AptGet = new("apt-get", "apt");
    /// <summary>apt: tells of packages.</summary>
    public static readonly HostTool AptCache = new("apt-cache", "apt");
    /// <summary>dpkg: unpacks a package.</summary>
    public static readonly HostTool DpkgDeb = new("dpkg-deb", "dpkg");
    /// <summary>nftables: checks a firewall's rules.</summary>
    public static readonly HostTool Nft = new("nft", "nftables");
    /// <summary>uidmap: maps subordinate ids into a user namespace.</summary>
    public static readonly HostTool Newuidmap = new("newuidmap", "uidmap");

    /// <summary>qemu-user-static: runs 64-bit ARM programs.</summary>
    public static readonly HostTool QemuAarch64 = new("qemu-aarch64-static", "qemu-user-static");
    /// <summary>qemu-user-static: runs 32-bit ARM programs.</summary>
    public static readonly HostTool QemuArm = new("qemu-arm-static", "qemu-user-static");

    /// <summary>gpgv: verifies OpenPGP signatures.</summary>
    public static readonly HostTool Gpgv = new("gpgv", "gpgv");
    /// <summary>minisign: signs an image.</summary>
    public static readonly HostTool Minisign = new("minisign", "minisign");
    /// <summary>age: encrypts an image.</summary>
    public static readonly HostTool Age = new("age", "age");

    /// <summary>git: fetches components that are in a repository.</summary>
    public static readonly HostTool Git = new("git", "git");

    /// <summary>qemu-system-arm: a 64-bit ARM machine, for boot tests.</summary>
    public static readonly HostTool QemuSystemAarch64 = new("qemu-system-aarch64", "qemu-system-arm");
    /// <summary>qemu-system-arm: a 32-bit ARM machine, for boot tests.</summary>
    public static readonly HostTool QemuSystemArm = new("qemu-system-arm", "qemu-system-arm");

    /// <summary>tang: the keys of a key server, for boot tests of hives with an encrypted volume.</summary>
    public static readonly HostTool TangdKeygen = new("tangd-keygen", "tang");
    /// <summary>tang: a key server, for the same.</summary>
    public static readonly HostTool Tangd = new("tangd", "tang");

    // An ordinary user's PATH often lacks these.
    private static readonly string[] SystemFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/libexec"];

    /// <summary>The full path of the program, or null when no folder of PATH or of the system has it.</summary>
    public string? Find()
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(SystemFolders)
            .Select(folder => System.IO.Path.Combine(folder, Name))
            .FirstOrDefault(File.Exists);

    /// <summary>The full path of the program.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public string Path => Find()
        ?? throw DiagnosticCode.ToolMissing.Error($"The program {Name} is not on this machine (Debian package {Package}).");

    /// <summary>
    /// Runs the program to its end. Its locale is C and its time zone UTC, so that its output and the times it writes
    /// do not depend on the host. Each line of output goes to <paramref name="log"/> as a detail.
    /// </summary>
    /// <param name="log">Receives the command line and the output.</param>
    /// <param name="arguments">The arguments, passed without a shell. No secret may be among them.</param>
    /// <param name="cancellation">Kills the program and its children.</param>
    /// <param name="accept">Exit codes that count as success; 0 alone when null.</param>
    /// <param name="environment">Variables set for the program.</param>
    /// <param name="input">What it reads; nothing when null. It is in no log.</param>
    /// <param name="launcher">A program, and its arguments, that starts this one; none when null.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>
    /// or <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public async Task<ToolResult> RunAsync(IBuildLog log, IEnumerable<string> arguments, CancellationToken cancellation,
        IReadOnlyCollection<int>? accept = null, IReadOnlyDictionary<string, string>? environment = null, string? input = null, IReadOnlyList<string>? launcher = null)
    {
        List<string> program = [.. launcher ?? [], Path];
        string[] own = [.. arguments];
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), .. own])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        log.Detail($"$ {Name} {string.Join(' ', own)}");
        var output = new StringBuilder();
        void Receive(string? line)
        {
            if (line is null)
                return;
            log.Detail(line);
            lock (output)
                output.Append(line).Append('\n');
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Receive(e.Data);
        process.ErrorDataReceived += (_, e) => Receive(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await GiveAsync(process.StandardInput, input, cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var result = new ToolResult(process.ExitCode, output.ToString());
        if (!(accept ?? [0]).Contains(result.ExitCode))
            throw Failure(result);
        return result;
    }

    private static async Task GiveAsync(StreamWriter standardInput, string? input, CancellationToken cancellation)
    {
        try
        {
            await using (standardInput.ConfigureAwait(false))
                await standardInput.WriteAsync(input.AsMemory(), cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code tells whether that was well.
        }
    }

    private W4bException Failure(ToolResult result)
    {
        var last = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("(it printed nothing)");
        return result.Output.Contains("No space left on device", StringComparison.OrdinalIgnoreCase)
            ? DiagnosticCode.NoSpace.Error($"{Name} ran out of disk space.")
            : DiagnosticCode.ToolFailed.Error($"{Name} ended with exit code {result.ExitCode}: {last}");
    }
}

using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Sandbox;

/// <summary>Native twins in the sandbox: a tree of them made of the host's own programs.</summary>
[Trait("Category", "Sandbox")]
public sealed class TwinsTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" };

    // Its file tells who runs a process: the twin itself, or the emulator.
    private const string Who = "readlink /proc/$$/exe";

    public static TheoryData<string, Architecture> Targets => new()
    {
        { "current", Architecture.Arm64 },
        { "ordinary", Architecture.Arm64 },
        { "current", Architecture.Armhf },
        { "ordinary", Architecture.Armhf },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_listed_program_runs_natively_and_any_other_is_emulated(string user, Architecture architecture)
    {
        var tree = await fixture.UnpackAsync(user, architecture);

        var result = await RunAsync(user, architecture, tree, MakeTwins(architecture, "dash", "cat"), $$"""
            {{Who}}; case $(uname -m) in aarch64|armv7l) echo machine ;; esac
            sh -c 'echo $0 $1' name-of-its-own argument; echo input | cat; sh -c 'exit 7'; echo $?; readlink /proc/self/exe
            """);

        Assert.Equal("/dev/shm/.w4b/twins/bin/dash machine name-of-its-own argument input 7 /usr/bin/readlink", result.Output.ReplaceLineEndings(" ").Trim());
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(new StartedProgram("/usr/bin/readlink", IsNative: false), result.LastProgram);
    }

    [Fact]
    public async Task Without_twins_everything_is_emulated()
    {
        var tree = await fixture.UnpackAsync("current", Architecture.Arm64);

        var result = await RunAsync("current", Architecture.Arm64, tree, null, Who);

        Assert.Equal("/dev/shm/.w4b/qemu-aarch64", result.Output.Trim());
        Assert.False(result.LastProgram!.IsNative);
    }

    [Fact]
    public async Task The_target_says_what_a_name_means()
    {
        var tree = await fixture.UnpackAsync("current", Architecture.Arm64);
        await fixture.RunOutsideAsync("current", """
            cd $0/usr/bin; cp true mine; ln -sf mine awk; mkdir -p ../../opt; cp dash ../../opt/dash; printf '#!/opt/dash\nreadlink /proc/$$/exe\n' > ../../opt/script; chmod 755 ../../opt/script
            """, tree);
        var twins = MakeTwins(Architecture.Arm64, "dash");
        Write(twins, "mawk", "echo not awk");
        Write(twins, "awk", "echo not awk");
        Write(twins, "mine", "echo not listed");

        // A link to a program that is not listed, a program of the name elsewhere.
        var result = await RunAsync("current", Architecture.Arm64, tree, twins, "awk; mine; /opt/script; /usr/../bin/dash -c 'readlink /proc/$$/exe'");

        Assert.Equal(["/dev/shm/.w4b/qemu-aarch64", "/dev/shm/.w4b/twins/bin/dash"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("python3.13 -m compileall -q /usr/lib", true)]
    [InlineData("python3.13 -E -S -m py_compile -", true)]
    [InlineData("python3.13 -E -S /usr/lib/python3.13/py_compile.py a.py", true)]
    [InlineData("python3.13 /usr/bin/py3compile -p package", true)]
    [InlineData("python3.13", false)]
    [InlineData("python3.13 -c 'import py_compile'", false)]
    [InlineData("python3.13 -m pip install --no-compile compileall", false)]
    [InlineData("python3.13 /usr/bin/pip3 -m compileall", false)]
    [InlineData("python3.13 /root/py_compile.py", false)]
    [InlineData("bash /usr/bin/ldd /bin/true", true)]
    [InlineData("bash -e /etc/kernel/postinst.d/hook", true)]
    [InlineData("bash /w4b-script", false)]
    [InlineData("bash /usr/local/bin/script", false)]
    [InlineData("bash -c /usr/bin/ldd", false)]
    [InlineData("bash", false)]
    public async Task Python_and_bash_run_natively_only_for_what_no_architecture_shows_in(string command, bool native)
    {
        var tree = await fixture.UnpackAsync("current", Architecture.Arm64);
        await fixture.RunOutsideAsync("current", "cd $0/usr/bin; cp echo python3.13; cp echo bash", tree);
        var twins = MakeTwins(Architecture.Arm64, "dash");
        Write(twins, "python3.13", "echo twin");
        Write(twins, "bash", "echo twin");

        var result = await RunAsync("current", Architecture.Arm64, tree, twins, command);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(native, result.Output == "twin\n");
        Assert.Equal(native, result.LastProgram!.IsNative);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Whatever_is_deleted_in_the_sandbox_the_twins_stay_and_leave_no_trace(string user, Architecture architecture)
    {
        const string list = "find $0 -printf '%p %y %m %U %G %s %T@ %l\\n' | sort";
        var tree = await fixture.UnpackAsync(user, architecture);
        var before = await fixture.RunOutsideAsync(user, list, tree);
        var twins = MakeTwins(architecture, "dash", "rm");

        var result = await RunAsync(user, architecture, tree, twins, "rm -rf /dev/shm/.w4b/twins; sh -c 'echo still there'");

        Assert.Contains("Read-only file system", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("still there\n", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(twins, "bin/dash")));
        Assert.Equal(before.Output, (await fixture.RunOutsideAsync(user, list, tree)).Output);
    }

    private Task<SandboxResult> RunAsync(string user, Architecture architecture, string tree, string? twins, string script)
        => fixture.RunAsync(user, new SandboxOptions { Root = tree, Architecture = architecture, Twins = twins, Environment = Environment }, "/bin/sh", ["-c", script]);

    /// <summary>A tree of twins in <paramref name="folder"/> of programs of the host, which are unpacked as a package would be.</summary>
    internal static string MakeTwins(string folder, Architecture architecture, params string[] programs)
    {
        var package = folder + "-package";
        var tree = new TwinTree(folder, architecture);
        foreach (var (place, files) in new[]
            {
                ("usr/bin", programs.Select(p => Path.Combine("/usr/bin", p))),
                ("usr/lib/x86_64-linux-gnu", Directory.GetFiles("/lib/x86_64-linux-gnu").Where(f => Path.GetFileName(f).StartsWith("libc.so", StringComparison.Ordinal))
                    .Append("/lib64/ld-linux-x86-64.so.2")),
            })
        {
            Directory.CreateDirectory(Path.Combine(package, place));
            foreach (var file in files)
                File.Copy(file, Path.Combine(package, place, Path.GetFileName(file)));
        }

        tree.AddPrograms(package, _ => true);
        tree.AddLibraries(package);
        tree.Complete();
        return tree.Folder;
    }

    private string MakeTwins(Architecture architecture, params string[] programs)
        => MakeTwins(Path.Combine(fixture.Folder, Guid.NewGuid().ToString("N")), architecture, programs);

    private static void Write(string twins, string name, string script)
    {
        var file = Path.Combine(twins, "bin", name);
        File.WriteAllText(file, $"#!{SandboxOptions.TwinsPath}/bin/dash\n{script}\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }
}

using System.Diagnostics;
using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Sandbox;

/// <summary>The sandbox for real: as the current user and, when that is root, as an ordinary one too.</summary>
[Trait("Category", "Sandbox")]
public sealed class SandboxTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly SandboxOptions Plain = new()
    {
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" },
    };

    public static TheoryData<string> Users => ["current", "ordinary"];

    public static TheoryData<string, Architecture, string> Programs => new()
    {
        { "current", Architecture.Arm64, "aarch64" },
        { "current", Architecture.Armhf, "armv7l" },
        { "ordinary", Architecture.Arm64, "aarch64" },
        { "ordinary", Architecture.Armhf, "armv7l" },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Target_programs_run_as_on_a_system_that_starts_no_service(string user, Architecture architecture, string machine)
    {
        var tree = await fixture.UnpackAsync(user, architecture);

        var result = await fixture.RunInsideAsync(user, architecture, tree, """
            uname -m; dpkg --print-architecture; id -u; hostname=$(uname -n); echo $hostname
            sh -c 'echo $0' name-of-its-own
            /usr/sbin/policy-rc.d ssh start; echo $?
            ls -A /sys | wc -l; ls -A /tmp; ls -A /run; stat -c %F /dev/null /dev/tty; echo > /dev/null && readlink /dev/fd /dev/ptmx
            touch /etc/owned; chown 33:65534 /etc/owned; chmod 4755 /etc/owned; stat -c '%u %g %a' /etc/owned
            """);

        string expected = $"{machine} {architecture.DebianName()} 0 localhost name-of-its-own 101 0 lock character special file character special file /proc/self/fd pts/ptmx 33 65534 4755";
        Assert.Equal(expected, result.Output.ReplaceLineEndings(" ").Trim());
        Assert.Equal(0, result.ExitCode);
        // Outside, other ids own it; the mode is the same.
        var outside = SandboxUser.Run("stat", "-c", "%u %a", Path.Combine(tree, "etc/owned")).Split(' ');
        Assert.Equal("4755", outside[1]);
        Assert.Equal(Environment.IsPrivilegedProcess && user == "current", outside[0] == "33");
    }

    [Theory]
    [InlineData("current", "rm -f etc/resolv.conf; echo nameserver 192.0.2.1 > etc/resolv.conf")]
    [InlineData("ordinary", "rm -f etc/resolv.conf; echo nameserver 192.0.2.1 > etc/resolv.conf")]
    [InlineData("ordinary", "rm -f etc/resolv.conf")]
    [InlineData("ordinary", "ln -sf /run/systemd/resolve/stub-resolv.conf etc/resolv.conf")]
    [InlineData("ordinary", "ln -sf ../../../../../../etc/hostname etc/resolv.conf")]
    [InlineData("ordinary", "printf '#!/bin/sh\\nexit 0\\n' > usr/sbin/policy-rc.d; chmod 755 usr/sbin/policy-rc.d")]
    [InlineData("ordinary", "rmdir run tmp proc")]
    public async Task The_run_sees_resolver_and_policy_and_the_tree_stays_as_it_was(string user, string preparation)
    {
        const string list = "find $0 -printf '%p %y %m %U %G %s %T@ %l\\n' | sort; cat $0/etc/resolv.conf $0/usr/sbin/policy-rc.d 2>/dev/null; true";
        var tree = await fixture.UnpackAsync(user, Architecture.Arm64);
        Assert.Equal(0, (await fixture.RunOutsideAsync(user, $"cd $0; {preparation}", tree)).ExitCode);
        var before = await fixture.RunOutsideAsync(user, list, tree);

        var result = await fixture.RunInsideAsync(user, Architecture.Arm64, tree, "cat /etc/resolv.conf; /usr/sbin/policy-rc.d; echo policy $?; echo left > /tmp/left");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(await File.ReadAllTextAsync("/etc/resolv.conf") + "policy 101\n", result.Output);
        Assert.Equal(before.Output, (await fixture.RunOutsideAsync(user, list, tree)).Output);
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_boot_folder_is_bound_where_the_tree_has_no_folder_for_it(string user)
    {
        var tree = await fixture.UnpackAsync(user, Architecture.Arm64);
        var boot = tree + "-boot";
        await fixture.RunOutsideAsync(user, "mkdir $0", boot);

        var result = await fixture.RunInsideAsync(user, Architecture.Arm64, tree, "echo kernel > /boot/firmware/kernel8.img", new Bind(boot, "/boot/firmware"));

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal("kernel\n", await File.ReadAllTextAsync(Path.Combine(boot, "kernel8.img")));
        Assert.False(Directory.Exists(Path.Combine(tree, "boot/firmware")));
    }

    [Theory]
    [InlineData("current", "exit 0", 0)]
    [InlineData("current", "exit 3", 3)]
    [InlineData("current", "exit 125", 125)]
    [InlineData("ordinary", "exit 3", 3)]
    [InlineData("ordinary", "kill -9 $$", 137)]
    [InlineData("ordinary", "kill -15 $$", 143)]
    public async Task The_exit_code_is_the_commands(string user, string script, int expected)
        => Assert.Equal(expected, (await fixture.RunOutsideAsync(user, script)).ExitCode);

    [Theory]
    [InlineData("current", false)]
    [InlineData("current", true)]
    [InlineData("ordinary", false)]
    [InlineData("ordinary", true)]
    public async Task A_killed_or_cancelled_run_leaves_no_process_and_no_mount(string user, bool kill)
    {
        var tree = await fixture.UnpackAsync(user, Architecture.Arm64);
        var marker = "w4b-" + Guid.NewGuid().ToString("N");
        var mounts = SharedMounts();
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        // One that would outlive its parent, and one that ignores every signal it can.
        var run = fixture.RunAsync(user, Plain with { Root = tree, Architecture = Architecture.Arm64 }, "/bin/sh",
            ["-c", "trap '' INT TERM HUP; (trap '' HUP; while :; do sleep 1; done) & echo started; while :; do sleep 1; done", marker],
            onLine: line => started.TrySetResult(), cancellation: cancellation.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(mounts, SharedMounts());
        Assert.NotEmpty(Processes(marker));

        if (kill)
        {
            using var launcher = Process.GetProcessById(Processes(marker).Single(pid => ParentOf(pid) == Environment.ProcessId));
            launcher.Kill();
            Assert.Equal(128 + 9, (await run.WaitAsync(TimeSpan.FromSeconds(30))).ExitCode);
        }
        else
        {
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        await AssertGoneAsync(marker);
        Assert.Equal(mounts, SharedMounts());
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task What_a_command_leaves_running_ends_with_it(string user)
    {
        var marker = "w4b-" + Guid.NewGuid().ToString("N");

        var result = await fixture.RunOutsideAsync(user, "(while :; do sleep 1; done) & setsid sh -c 'while :; do sleep 1; done' & exit 0", marker);

        Assert.Equal(0, result.ExitCode);
        await AssertGoneAsync(marker);
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_large_input_and_output_are_streamed(string user)
    {
        const long length = 96L << 20;
        long received = 0;
        var block = new byte[1 << 20];

        var result = await fixture.RunAsync(user, Plain, "cat", [], async (stream, token) =>
        {
            for (long sent = 0; sent < length; sent += block.Length)
                await stream.WriteAsync(block, token);
        }, async (stream, token) =>
        {
            var buffer = new byte[1 << 16];
            for (int count; (count = await stream.ReadAsync(buffer, token)) > 0;)
                received += count;
        });

        Assert.Equal((0, length), (result.ExitCode, received));
    }

    [Fact]
    public async Task A_command_that_stops_reading_reports_its_own_exit_code()
    {
        var result = await fixture.RunAsync("current", Plain, "sh", ["-c", "echo no thanks >&2; exit 4"], async (stream, token) =>
        {
            for (var i = 0; i < 64; i++)
                await stream.WriteAsync(new byte[1 << 20], token);
        });

        Assert.Equal((4, "no thanks"), (result.ExitCode, result.LastLine));
    }

    [Fact]
    public async Task An_input_that_fails_ends_the_command_instead_of_looking_complete()
    {
        var file = Path.Combine(fixture.Folder, "complete");

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => fixture.RunAsync("current", Plain, "sh",
            ["-c", "cat > /dev/null && touch $0", file], async (stream, token) =>
            {
                await stream.WriteAsync("half"u8.ToArray(), token);
                throw new InvalidDataException("damaged");
            }));

        Assert.Equal("damaged", failure.Message);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_user_without_subordinate_ids_is_told_so(string user)
    {
        // A user of the sandbox's, whose subuid(5) files are empty.
        var error = await FailAsNestedUserAsync(user, "", "/usr/bin:/bin");

        Assert.Equal(DiagnosticCode.NoSubordinateIds, error.Diagnostics[0].Code);
        Assert.Contains("user 54321 0 ids", error.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_newuidmap_is_named_with_its_package()
    {
        var error = await FailAsNestedUserAsync("current", "54321:100000:65536\n", "/nonexistent");

        Assert.Equal(DiagnosticCode.ToolMissing, error.Diagnostics[0].Code);
        Assert.Contains("uidmap", error.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonexistent/qemu")]
    [InlineData("/etc/passwd")]
    [InlineData("/bin/sh")] // a program, but with libraries that a tree does not have
    public async Task An_unusable_emulator_is_a_coded_error(string emulator)
    {
        var options = Plain with { Architecture = Architecture.Arm64, Emulator = emulator };

        var error = await Assert.ThrowsAsync<W4bException>(() => fixture.RunAsync("ordinary", options, "true", []));

        Assert.Equal(DiagnosticCode.NoEmulation, error.Diagnostics[0].Code);
        Assert.Contains(emulator, error.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_does_not_exist_is_a_coded_error()
    {
        var error = await Assert.ThrowsAsync<W4bException>(() => SandboxRunner.RunAsync(Plain with { Helper = "/nonexistent/w4b-sandbox" },
            "true", [], new ListLog(), CancellationToken.None));

        Assert.Equal(DiagnosticCode.ToolMissing, error.Diagnostics[0].Code);
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_sandbox_runs_in_a_sandbox_as_it_does_in_a_container(string user)
    {
        var tree = await fixture.UnpackAsync(user, Architecture.Arm64);

        var result = await fixture.RunAsync(user, Plain, Path.Combine(fixture.Folder, "w4b-sandbox"),
            ["run", "--chroot", tree, "--emulate", "aarch64=" + Architecture.Arm64.Emulator().Path, "--", "/bin/sh", "-c", "chown 65534 /tmp; stat -c %u /tmp; uname -m"]);

        Assert.Equal("65534\naarch64\n", result.Output);
    }

    [Fact]
    public async Task A_root_that_does_not_exist_and_a_command_that_does_not_are_coded_errors()
    {
        var root = await Assert.ThrowsAsync<W4bException>(() => fixture.RunAsync("current", Plain with { Root = "/nonexistent" }, "true", []));
        var command = await Assert.ThrowsAsync<W4bException>(() => fixture.RunAsync("current", Plain, "/nonexistent/program", []));

        Assert.Equal(DiagnosticCode.ChrootFailed, root.Diagnostics[0].Code);
        Assert.Equal(DiagnosticCode.ChrootFailed, command.Diagnostics[0].Code);
        Assert.Contains("/nonexistent/program", command.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_a_coded_error()
    {
        var error = await Assert.ThrowsAsync<W4bException>(() => fixture.RunOutsideAsync("current", "cat /etc/passwd > /dev/full"));

        Assert.Equal(DiagnosticCode.NoSpace, error.Diagnostics[0].Code);
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_link_of_the_tree_never_leads_a_mount_out_of_it(string user)
    {
        var tree = await fixture.UnpackAsync(user, Architecture.Arm64);
        var outside = tree + "-outside";
        await fixture.RunOutsideAsync(user, "mkdir $0 $0/tmp; rmdir $1/tmp; ln -s ../$(basename $0)/tmp $1/tmp", outside, tree);

        var error = await Assert.ThrowsAsync<W4bException>(() => fixture.RunInsideAsync(user, Architecture.Arm64, tree, "exit 0"));

        Assert.Equal(DiagnosticCode.ChrootFailed, error.Diagnostics[0].Code);
        Assert.Contains("/tmp", error.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_of_subordinate_ids_is_deleted()
    {
        var tree = await fixture.UnpackAsync("current", Architecture.Arm64);
        await fixture.RunOutsideAsync("current", "mkdir -m 700 $0/private; touch $0/private/file; chown -R 42:42 $0/private", tree);

        await SandboxRunner.DeleteTreeAsync(tree, new ListLog(), CancellationToken.None);

        Assert.False(Directory.Exists(tree));
        await SandboxRunner.DeleteTreeAsync(tree, new ListLog(), CancellationToken.None);
    }

    [Fact]
    public async Task A_folder_with_a_mount_in_it_is_not_deleted()
    {
        var error = await Assert.ThrowsAsync<W4bException>(() => SandboxRunner.DeleteTreeAsync("/proc/../dev/", new ListLog(), CancellationToken.None));

        Assert.Equal(DiagnosticCode.FileAccess, error.Diagnostics[0].Code);
    }

    private async Task<W4bException> FailAsNestedUserAsync(string user, string subordinateIds, string path)
    {
        var file = Path.Combine(fixture.Folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, subordinateIds);
        var options = Plain with { Binds = [new Bind(file, "/etc/subuid", ReadOnly: true), new Bind(file, "/etc/subgid", ReadOnly: true)] };
        return await Assert.ThrowsAsync<W4bException>(() => fixture.RunAsync(user, options, "/usr/bin/setpriv",
            ["--reuid=54321", "--regid=54321", "--clear-groups", "--", "/usr/bin/env", $"PATH={path}", Path.Combine(fixture.Folder, "w4b-sandbox"), "run", "--", "true"]));
    }

    // What a leaking mount would add to; other mounts of the machine may come and go.
    private IReadOnlyList<string> SharedMounts()
        => [.. MountTable.MountPoints(File.ReadLines("/proc/self/mountinfo"))
            .Where(m => m is "/proc" or "/proc/sys/fs/binfmt_misc" or "/dev/shm" or "/mnt" || m.StartsWith(fixture.Folder, StringComparison.Ordinal))];

    private static List<int> Processes(string marker)
        => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _) && ReadProcess(name!, "cmdline").Contains(marker, StringComparison.Ordinal))
            .Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture))];

    private static int ParentOf(int pid)
        => int.Parse(ReadProcess($"{pid}", "status").Split('\n').First(l => l.StartsWith("PPid:", StringComparison.Ordinal))[5..], System.Globalization.CultureInfo.InvariantCulture);

    private static string ReadProcess(string pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return ""; // it has ended meanwhile
        }
    }

    private static async Task AssertGoneAsync(string marker)
    {
        var deadline = Stopwatch.StartNew();
        while (Processes(marker).Count > 0 && deadline.Elapsed < TimeSpan.FromSeconds(10))
            await Task.Delay(20);
        Assert.Empty(Processes(marker));
    }
}

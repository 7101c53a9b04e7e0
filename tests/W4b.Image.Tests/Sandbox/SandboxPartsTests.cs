using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Sandbox;

public sealed class SandboxPartsTests
{
    [Theory]
    [InlineData("alice:100000:65536", 65536)]
    [InlineData("1001:100000:65536", 65536)]
    [InlineData("alice:100000:1000\nbob:200000:65536\nalice:300000:500", 1500)]
    [InlineData("bob:100000:65536\n\nalice:x:y\nalice", 0)]
    public void Subordinate_ids_count_by_name_and_by_number(string file, long expected)
        => Assert.Equal(expected, HostCheck.CountSubordinateIds(file.Split('\n'), "alice", 1001));

    [Fact]
    public void Mount_points_are_read_with_their_escapes()
        => Assert.Equal(["/", "/mnt/my disk"], MountTable.MountPoints(
            ["26 1 254:0 / / rw - ext4 /dev/vda rw", @"27 26 8:1 / /mnt/my\040disk rw shared:1 - ext4 /dev/sda1 rw"]));

    [Fact]
    public void A_long_output_keeps_its_end()
    {
        var tail = new OutputTail(20);
        foreach (var line in new[] { "first line", "second line", "third", "and a last line that is long" })
            tail.Add(line);

        Assert.Equal("and a last line that is long\n", tail.ToString());
    }

    // A pipe cannot be flushed: who tries is told so.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_program_that_is_not_to_flush_does_not(bool unsynced, int exitCode)
        => Assert.Equal(exitCode, (await new HostTool("sync", "coreutils").RunAsync(new ListLog(), ["/dev/stdin"], default, [0, 1], launcher: unsynced ? SandboxHelper.Unsynced : null)).ExitCode);

    [Fact]
    public async Task A_program_that_is_not_to_flush_has_its_own_exit_code()
        => Assert.Equal(7, (await new HostTool("sh", "dash").RunAsync(new ListLog(), ["-c", "exit 7"], default, [7], launcher: SandboxHelper.Unsynced)).ExitCode);

    [Fact]
    public void This_host_can_run_both_architectures()
    {
        HostCheck.RequireSandbox(Architecture.Arm64);
        HostCheck.RequireSandbox(Architecture.Armhf);
    }
}

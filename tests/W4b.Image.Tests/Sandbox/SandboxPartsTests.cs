using W4b.Image.Sandbox;

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

    [Fact]
    public void This_host_can_run_both_architectures()
    {
        HostCheck.RequireSandbox(Architecture.Arm64);
        HostCheck.RequireSandbox(Architecture.Armhf);
    }
}

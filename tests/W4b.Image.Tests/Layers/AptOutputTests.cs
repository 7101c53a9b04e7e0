using W4b.Image.Layers;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Layers;

/// <summary>What a user is told when apt fails.</summary>
public sealed class AptOutputTests
{
    [Theory]
    [InlineData("Err:2 trixie/main armhf Packages\n  File has unexpected size (720 != 1108). Mirror sync in progress?\nE: Failed to fetch Packages.xz\nE: Some index files failed to download.",
        "E: Failed to fetch Packages.xz The mirror is being updated")]
    [InlineData("E: Failed to fetch a.deb  Hash Sum mismatch", "Hash Sum mismatch The mirror is being updated")]
    [InlineData("Err:1 trixie InRelease\n  Temporary failure resolving 'mirror.example'\nE: Failed to fetch InRelease", "E: Failed to fetch InRelease Is the network there")]
    [InlineData("reading\nE: Unable to correct problems, you have held broken packages.\nmore", "E: Unable to correct problems, you have held broken packages.")]
    [InlineData("killed by something", "killed by something")]
    public void The_reason_is_told_and_what_to_do(string output, string expected)
        => Assert.Contains(expected, AptOutput.Problem(new SandboxResult(100, output)), StringComparison.Ordinal);
}

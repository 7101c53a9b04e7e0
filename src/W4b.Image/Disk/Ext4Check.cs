using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Disk;

/// <summary>What a check of a file system found.</summary>
/// <param name="IsClean">Nothing is wrong.</param>
/// <param name="Output">What the checking program printed.</param>
public sealed record FileSystemCheck(bool IsClean, string Output);

/// <summary>Checks an ext4 file system inside an image without changing it.</summary>
public static class Ext4Check
{
    // e2fsck(8): 0 no errors, 4 errors left uncorrected, 12 so many that it gave up; else it is the program that failed.
    private static readonly int[] s_answers = [0, 4, 12];

    /// <summary>Runs <c>e2fsck -fn</c>. No handle may hold changes of the file system back meanwhile.</summary>
    /// <param name="log">Receives the program's output.</param>
    /// <param name="imagePath">The image; its path holds no question mark, which e2fsck takes for the start of options.</param>
    /// <param name="offsetBytes">Where the file system begins.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <param name="launcher">A program, and its arguments, that starts e2fsck; none when null.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>.</exception>
    public static async Task<FileSystemCheck> RunAsync(IBuildLog log, string imagePath, long offsetBytes, CancellationToken cancellation, IReadOnlyList<string>? launcher = null)
    {
        var result = await HostTool.E2fsck.RunAsync(log, ["-fn", $"{imagePath}?offset={offsetBytes}"], cancellation, s_answers, launcher: launcher)
            .ConfigureAwait(false);
        return new FileSystemCheck(result.ExitCode == 0, result.Output);
    }
}

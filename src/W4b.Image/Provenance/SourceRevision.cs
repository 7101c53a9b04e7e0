using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Provenance;

/// <summary>What is checked out where a project stands.</summary>
/// <param name="Commit">The commit's id, in hexadecimal digits.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="IsClean">Whether the work tree is that commit's: nothing changed, and nothing there that git neither has nor ignores, but the build's own folders.</param>
internal sealed record SourceRevision(string Commit, DateTimeOffset Time, bool IsClean)
{
    // Whoever owns the work tree: the build runs its project anyway. A file-system monitor of the repository's is not started.
    private static readonly string[] Always = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false"];

    /// <summary>The revision of <paramref name="folder"/>; null without git, outside of a repository, and in one without a commit.</summary>
    /// <param name="folder">The project's folder.</param>
    /// <param name="outputs">Folders that the build writes.</param>
    /// <param name="log">Receives git's output.</param>
    /// <param name="cancellation">Stops git.</param>
    public static async Task<SourceRevision?> FindAsync(string folder, IEnumerable<string> outputs, IBuildLog log, CancellationToken cancellation)
    {
        if (HostTool.Git.Find() is null)
            return null;
        // 128: no repository, or none with a commit.
        var head = await GitAsync(["log", "-1", "--no-show-signature", "--format=%H %ct"], [0, 128]).ConfigureAwait(false);
        if (head.ExitCode != 0 || head.Output.Trim().Split(' ') is not [var commit, var seconds])
            return null;
        var own = outputs.Select(o => Path.GetRelativePath(folder, o)).Where(o => o != "." && !o.StartsWith("..", StringComparison.Ordinal)).Select(o => $":(exclude,literal){o}");
        var status = await GitAsync(["status", "--porcelain", "--", ":/", .. own], [0]).ConfigureAwait(false);
        return new SourceRevision(commit, DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture)), status.Output.Trim().Length == 0);

        Task<ToolResult> GitAsync(IEnumerable<string> arguments, int[] accept)
            => HostTool.Git.RunAsync(log, [.. Always, "-C", folder, .. arguments], cancellation, accept);
    }
}

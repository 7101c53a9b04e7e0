using System.Text.RegularExpressions;

namespace W4b.Image.Sandbox;

/// <summary>What is mounted where, proc_pid_mountinfo(5).</summary>
internal static partial class MountTable
{
    /// <summary>The first mount point that is <paramref name="folder"/> or lies below it; null when there is none.</summary>
    public static string? FirstAtOrBelow(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return MountPoints(File.ReadLines("/proc/self/mountinfo"))
            .FirstOrDefault(m => m == path || m.StartsWith(path + "/", StringComparison.Ordinal));
    }

    /// <summary>The mount points of a table.</summary>
    public static IEnumerable<string> MountPoints(IEnumerable<string> lines)
        => lines.Select(line => Escaped().Replace(line.Split(' ')[4], m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString()));

    // Space, tab, newline and backslash.
    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Escaped();
}

using System.Globalization;
using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Sandbox;

/// <summary>Whether this host can run the sandbox, told before anything long begins. Starts no program.</summary>
public static partial class HostCheck
{
    // Every id up to Debian's nobody, 65534, but root's, which is the user's own.
    private const long IdsNeeded = 65534;

    /// <summary>Requires what a sandbox needs, and with <paramref name="target"/> what its programs need to run.</summary>
    /// <exception cref="W4bException">Everything that is missing: <see cref="DiagnosticCode.UnsupportedHost"/>,
    /// <see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.NoSubordinateIds"/>, <see cref="DiagnosticCode.NoEmulation"/>.</exception>
    public static void RequireSandbox(Architecture? target)
    {
        if (!OperatingSystem.IsLinux())
            throw DiagnosticCode.UnsupportedHost.Error($"This is {RuntimeInformation.OSDescription}.");
        List<Diagnostic> missing = [];
        if (!Environment.IsPrivilegedProcess)
            missing.AddRange(FindMissingIds());
        if (target is { } architecture && !architecture.MayBeNative() && architecture.Emulator() is var emulator && emulator.Find() is null)
            missing.Add(new Diagnostic(DiagnosticCode.NoEmulation, $"The program {emulator.Name} is not on this machine (Debian package {emulator.Package})."));
        if (missing.Count > 0)
            throw new W4bException(missing);
    }

    /// <summary>How many subordinate ids a user has, subuid(5).</summary>
    /// <param name="lines">The lines of /etc/subuid or /etc/subgid.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="id">The user's number.</param>
    internal static long CountSubordinateIds(IEnumerable<string> lines, string name, uint id)
        => lines.Select(line => line.Split(':'))
            .Where(f => f.Length == 3 && (f[0] == name || f[0] == id.ToString(CultureInfo.InvariantCulture)))
            .Sum(f => long.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0);

    private static IEnumerable<Diagnostic> FindMissingIds()
    {
        if (HostTool.Newuidmap.Find() is null)
            yield return new Diagnostic(DiagnosticCode.ToolMissing, $"The program {HostTool.Newuidmap.Name} is not on this machine (Debian package {HostTool.Newuidmap.Package}).");
        foreach (var file in new[] { "/etc/subuid", "/etc/subgid" })
        {
            var count = File.Exists(file) ? CountSubordinateIds(File.ReadLines(file), Environment.UserName, GetUserId()) : 0;
            if (count < IdsNeeded)
                yield return new Diagnostic(DiagnosticCode.NoSubordinateIds, $"{file} gives user {Environment.UserName} {count} ids; {IdsNeeded} are needed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint GetUserId();
}

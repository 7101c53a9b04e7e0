using System.Text.RegularExpressions;

namespace W4b.Image.Sandbox;

/// <summary>The helper's line about the programs of the target that ran (tally.c).</summary>
internal static partial class ProgramTally
{
    /// <summary>The program that was started last when <paramref name="line"/> is that line, else null.</summary>
    public static StartedProgram? LastOf(string line)
        => Line().Match(line) is { Success: true } match ? new StartedProgram(match.Groups["path"].Value, match.Groups["how"].Value == "native") : null;

    [GeneratedRegex("^w4b-sandbox: programs: [0-9]+ native, [0-9]+ emulated, last (?<how>native|emulated) (?<path>.*)$")]
    private static partial Regex Line();
}

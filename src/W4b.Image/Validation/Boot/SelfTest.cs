using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace W4b.Image.Validation.Boot;

/// <summary>
/// The program that asserts from inside, and what it says. It writes lines <c>@w4b WORD VALUE…</c>, values in base64, to the channel
/// that the machine gives it, and reads from there when the host has looked from outside.
/// </summary>
internal static partial class SelfTest
{
    /// <summary>Where the program stands in the image's throw-away copy.</summary>
    public const string Program = "/usr/lib/w4b-boot-test/selftest";

    /// <summary>Its unit.</summary>
    public const string Unit = "w4b-boot-test.service";

    /// <summary>The unit that runs the program once the system has started, and then ends the machine.</summary>
    /// <param name="channel">The device that the program talks to.</param>
    public static string UnitText(string channel) => $"""
        [Unit]
        Description=Self-test of the build
        After=basic.target

        [Service]
        Type=exec
        ExecStart=/bin/bash {Program} {channel}
        ExecStopPost=/bin/systemctl poweroff --no-block
        StandardOutput=journal
        """ + "\n";

    /// <summary>The program.</summary>
    public static string Script(IEnumerable<BootAssertion> assertions)
    {
        var script = new StringBuilder("""
            # Made by the build for its self-test.
            exec 3<>"$1"
            stty -F "$1" raw -echo 2>/dev/null # not every channel is a terminal
            send() { printf '@w4b %s\n' "$*" >&3; }
            encode() { base64 -w0; }
            assert() { # id, unit, command
                evidence=$(timeout 180 bash -c "$3" 2>&1); code=$?
                if [ $code -ne 0 ] && [ -n "$2" ]; then
                    evidence="$evidence
            $(journalctl --no-pager --boot --output=short-monotonic --lines=20 --unit="$2" 2>&1)"
                fi
                send result "$1" $code "$(printf '%s' "$evidence" | tail -c 6000 | encode)"
            }
            systemctl is-system-running --wait > /dev/null
            send ready
            read -r _ <&3
            send startup "$(systemd-analyze time 2>&1 | encode)"
            send blame "$(systemd-analyze blame --no-pager 2>&1 | head -n 40 | encode)"

            """);
        foreach (var assertion in assertions)
            script.Append(CultureInfo.InvariantCulture, $"assert {assertion.Id} {Quote(assertion.Unit ?? "")} {Quote(assertion.Command)}\n");
        return script.Append("send end\n").ToString();
    }

    /// <summary>The words of a line of the program's, values decoded; null when the line is another's.</summary>
    public static IReadOnlyList<string>? Parse(string line)
    {
        var start = line.IndexOf("@w4b ", StringComparison.Ordinal);
        if (start < 0)
            return null;
        var words = line[(start + 5)..].TrimEnd('\r').Split(' ');
        return words[0] switch
        {
            "ready" or "end" when words.Length == 1 => words,
            "startup" or "blame" when words.Length == 2 => [words[0], Decode(words[1])],
            "result" when words.Length == 4 => [.. words[..3], Decode(words[3])],
            _ => null,
        };
    }

    /// <summary>The lines of <c>systemd-analyze blame</c>: <c>1min 2.345s NAME</c>.</summary>
    public static IReadOnlyList<UnitTime> ParseBlame(string text)
        => [.. text.Split('\n').Select(l => BlameLine().Match(l)).Where(m => m.Success).Select(m => new UnitTime(m.Groups["unit"].Value,
            Number(m, "min") * 60 + Number(m, "s") + Number(m, "ms") / 1000))];

    private static double Number(Match match, string group)
        => match.Groups[group].Success ? double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"^\s*(?:(?<min>\d+)min )?(?:(?<s>[\d.]+)s|(?<ms>[\d.]+)ms) (?<unit>\S+)\s*$")]
    private static partial Regex BlameLine();
}

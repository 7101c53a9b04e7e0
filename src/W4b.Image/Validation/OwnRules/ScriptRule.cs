using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Validation.OwnRules;

/// <summary>
/// A rule that is a program of the host. It gets a folder with what it may want to know: <c>files.tsv</c> (every path), <c>packages.tsv</c>,
/// <c>hive.json</c> (the configuration, without secrets) and <c>root/</c> (the files that it asked for). How it ends is what it says.
/// </summary>
internal static class ScriptRule
{
    // As in the test tools of automake.
    private const int Broken = 1;
    private const int NotApplicable = 77;

    public static ImageRule Create(OwnRule own)
    {
        var name = Path.GetFileNameWithoutExtension(own.Path);
        var severity = own.Severity.Length == 0 ? RuleSeverity.Error : RuleSet.Severity(own.Severity)
            ?? throw DiagnosticCode.InvalidValue.Error($"The severity of the W4bRule {own.Path} is \"{own.Severity}\", expected error, warning or none.");
        var info = new RuleInfo(name, name, severity, $"The project's own rule {Path.GetFileName(own.Path)}", "The project says so.", $"See {own.Path}.", RuleReach.Everything);
        return new ImageRule(info, async (subject, cancellation) => await RunAsync(own, subject, cancellation).ConfigureAwait(false));
    }

    private static async Task<RuleOutcome> RunAsync(OwnRule own, RuleSubject subject, CancellationToken cancellation)
    {
        if (!File.Exists(own.Path))
            throw DiagnosticCode.OwnRuleFailed.Error($"The W4bRule {own.Path} does not exist.");
        // Made for the owner alone (0700): the files may be secret.
        var folder = Directory.CreateTempSubdirectory("w4b-rule-");
        try
        {
            WriteFacts(folder.FullName, subject, own.Files);
            const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            var (program, arguments) = (File.GetUnixFileMode(own.Path) & executable) != 0 ? (own.Path, (string[])[folder.FullName]) : ("/bin/sh", [own.Path, folder.FullName]);
            var result = await new HostTool(program, "").RunAsync(subject.Log, arguments, cancellation, accept: [.. Enumerable.Range(0, 256)]).ConfigureAwait(false);
            var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return result.ExitCode switch
            {
                0 => RuleOutcome.Of([]),
                Broken => RuleOutcome.Of(lines.Length == 0 ? [new RuleFinding($"{Path.GetFileName(own.Path)} says so, without a reason.")] : lines.Select(Finding)),
                NotApplicable => RuleOutcome.DoesNotApply(lines.LastOrDefault("the rule says so")),
                _ => throw DiagnosticCode.OwnRuleFailed.Error($"The W4bRule {own.Path} ended with exit code {result.ExitCode}: {lines.LastOrDefault("(it printed nothing)")}", new SourceLocation(own.Path)),
            };
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw DiagnosticCode.OwnRuleFailed.Error($"The W4bRule {own.Path} cannot be started: {e.Message}.", new SourceLocation(own.Path), e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // "/etc/motd: it is empty" is about /etc/motd.
    private static RuleFinding Finding(string line)
        => line.StartsWith('/') && line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon ? new RuleFinding(line, line[..colon]) : new RuleFinding(line);

    private static void WriteFacts(string folder, RuleSubject subject, string patterns)
    {
        var files = new StringBuilder();
        foreach (var e in subject.Tree)
            files.Append(CultureInfo.InvariantCulture, $"{e.Path}\t{Kind(e.Type)}\t{Convert.ToString((int)e.Mode, 8)}\t{e.Uid}\t{e.Gid}\t{e.Size}\t{e.LinkTarget}\n");
        File.WriteAllText(Path.Combine(folder, "files.tsv"), files.ToString());
        File.WriteAllText(Path.Combine(folder, "packages.tsv"), string.Concat(subject.Packages.Select(p => $"{p.Name}\t{p.Architecture}\t{p.Status}\n")));
        File.WriteAllText(Path.Combine(folder, "hive.json"), subject.Hive is null ? "null" : ImageJson.Write(subject.Hive));
        var root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        var wanted = patterns.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Pattern).ToList();
        foreach (var file in subject.Tree.Where(e => e.Type == Ext4FileType.RegularFile && wanted.Any(w => w.IsMatch(e.Path))))
        {
            var target = root + file.Path;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var content = subject.Root.OpenRead(file);
            using var copy = File.Create(target);
            content.CopyTo(copy);
        }
    }

    private static char Kind(Ext4FileType type) => type switch
    {
        Ext4FileType.Directory => 'd',
        Ext4FileType.SymbolicLink => 'l',
        Ext4FileType.RegularFile => 'f',
        _ => 'o',
    };

    // As MSBuild's: * in a name, ** any folders.
    private static Regex Pattern(string pattern)
        => new("^" + Regex.Escape(pattern).Replace(@"\*\*/", "(?:.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal) + @"\z");
}

using Microsoft.Build.Logging.StructuredLogger;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>An error or warning of a build.</summary>
internal sealed record Finding(string Code, string File, int Line, int Column, string Text);

/// <summary>How a build went: from its binary log, so that no text in any language is searched.</summary>
internal sealed class BuildResult(int exitCode, string output, string binaryLog)
{
    private readonly Lazy<Build> _build = new(() => BinaryLog.ReadBuild(binaryLog));

    /// <summary>The exit status of dotnet.</summary>
    public int ExitCode => exitCode;

    /// <summary>What dotnet printed.</summary>
    public string Output => output;

    /// <summary>The path of the binary log.</summary>
    public string BinaryLogFile => binaryLog;

    /// <summary>The errors, in order.</summary>
    public IReadOnlyList<Finding> Errors => [.. All<Error>().Select(ToFinding)];

    /// <summary>The warnings, in order.</summary>
    public IReadOnlyList<Finding> Warnings => [.. All<Warning>().Select(ToFinding)];

    /// <summary>The tasks of the SDK that ran, in order.</summary>
    public IReadOnlyList<string> OwnTasks
        => [.. All<Microsoft.Build.Logging.StructuredLogger.Task>()
            .Where(task => Path.GetFileName(task.FromAssembly) == "W4b.Image.Tasks.dll").OrderBy(task => task.StartTime).Select(task => task.Name)];

    /// <summary>Whether the target was reached and found up to date.</summary>
    public bool Skipped(string target) => Targets(target).Any(t => t.Skipped);

    /// <summary>Whether the target was reached and ran.</summary>
    public bool Ran(string target) => Targets(target).Any(t => !t.Skipped);

    private IEnumerable<Target> Targets(string name) => All<Target>().Where(target => target.Name == name);

    private List<T> All<T>() where T : BaseNode
    {
        var found = new List<T>();
        _build.Value.VisitAllChildren<T>(found.Add);
        return found;
    }

    private static Finding ToFinding(AbstractDiagnostic d) => new(d.Code ?? "", d.File ?? "", d.LineNumber, d.ColumnNumber, d.Text ?? "");
}

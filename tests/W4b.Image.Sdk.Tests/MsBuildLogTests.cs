using System.Collections;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using W4b.Image.Diagnostics;
using W4b.Image.Tasks;

namespace W4b.Image.Sdk.Tests;

public sealed class MsBuildLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("w4b-log-").FullName;
    private readonly Engine _engine = new();

    private string LogFile => Path.Combine(_folder, "log", "Target.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Everything_goes_to_the_file_and_a_second_task_appends()
    {
        using (var log = Open())
            log.Info("first");
        using (var log = Open())
        {
            log.Detail("second");
            log.Warning(new Diagnostic(DiagnosticCode.UnknownKey, "third"));
            log.Error(new Diagnostic(DiagnosticCode.ToolFailed, "fourth", new SourceLocation("/hive.yaml", 3, 7)));
        }

        var lines = File.ReadAllLines(LogFile);
        Assert.Equal(4, lines.Length);
        Assert.EndsWith(" first", lines[0]);
        Assert.EndsWith(" second", lines[1]);
        Assert.Contains(" warning W4B1003: third", lines[2]);
        Assert.Contains(" error W4B0007: fourth", lines[3]);
    }

    [Fact]
    public void MSBuild_gets_importance_code_and_place()
    {
        using var log = Open();
        log.Info("info {0}");
        log.Detail("detail");
        log.Warning(new Diagnostic(DiagnosticCode.UnknownKey, "warning"));
        log.Error(new Diagnostic(DiagnosticCode.ToolFailed, "error", new SourceLocation("/hive.yaml", 3, 7)));

        Assert.Equal([("info {0}", MessageImportance.Normal), ("detail", MessageImportance.Low)],
            _engine.Events.OfType<BuildMessageEventArgs>().Select(e => (e.Message!, e.Importance)));
        var warning = Assert.Single(_engine.Events.OfType<BuildWarningEventArgs>());
        Assert.Equal(("W4B1003", "/hive.w4bproj"), (warning.Code, warning.File));
        var error = Assert.Single(_engine.Events.OfType<BuildErrorEventArgs>());
        Assert.Equal(("W4B0007", "/hive.yaml", 3, 7), (error.Code, error.File, error.LineNumber, error.ColumnNumber));
        Assert.Equal($"error {DiagnosticCode.ToolFailed.Remedy} The log: {LogFile}", error.Message);
    }

    [Fact]
    public void A_line_after_the_task_is_dropped()
    {
        var log = Open();
        log.Dispose();
        log.Detail("too late");
        Assert.Empty(_engine.Events);
        Assert.Empty(File.ReadAllText(LogFile));
    }

    [Fact]
    public void Many_threads_write_whole_lines_without_the_secret()
    {
        using (var log = Open())
        {
            log.AddSecret("hunter2");
            Parallel.For(0, 1000, i => log.Detail($"line {i} hunter2 end"));
        }

        Assert.Equal(1000, _engine.Events.Count);
        Assert.All(File.ReadAllLines(LogFile), line => Assert.EndsWith("*** end", line));
        Assert.All(_engine.Events, e => Assert.EndsWith("*** end", e.Message));
    }

    private MsBuildLog Open() => new(new TaskLoggingHelper(_engine, "Test"), "/hive.w4bproj", LogFile);

    private sealed class Engine : IBuildEngine
    {
        public List<BuildEventArgs> Events { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => throw new NotSupportedException();

        public void LogCustomEvent(CustomBuildEventArgs e) => Events.Add(e);

        public void LogErrorEvent(BuildErrorEventArgs e) => Events.Add(e);

        public void LogMessageEvent(BuildMessageEventArgs e) => Events.Add(e);

        public void LogWarningEvent(BuildWarningEventArgs e) => Events.Add(e);
    }
}

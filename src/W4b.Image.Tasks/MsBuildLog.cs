using System.Diagnostics;
using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>The domain's log, written to MSBuild and, complete, to the log file of the target that runs.</summary>
internal sealed class MsBuildLog : IBuildLog, ISecretSink, IDisposable
{
    private readonly TaskLoggingHelper _log;
    private readonly string _projectFile;
    private readonly string _logFile;
    private readonly StreamWriter _writer;
    private readonly SecretRedactor _redactor = new();
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private bool _closed;

    /// <summary>Opens the log of one task.</summary>
    /// <param name="log">MSBuild's log of the task.</param>
    /// <param name="projectFile">The file an error without a place of its own belongs to.</param>
    /// <param name="logFile">Appended to: all tasks of a target share it.</param>
    public MsBuildLog(TaskLoggingHelper log, string projectFile, string logFile)
    {
        _log = log;
        _projectFile = projectFile;
        _logFile = logFile;
        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);
        // Flushed line by line: a killed build's log ends where the build did.
        _writer = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    /// <inheritdoc/>
    public void AddSecret(string value) => _redactor.Add(value);

    /// <inheritdoc/>
    public void Info(string message) => Message(MessageImportance.Normal, message);

    /// <inheritdoc/>
    public void Detail(string message) => Message(MessageImportance.Low, message);

    /// <inheritdoc/>
    public void Warning(Diagnostic diagnostic)
    {
        var place = diagnostic.Location ?? new SourceLocation(_projectFile);
        Write($"warning {diagnostic.Code.Id}: ", diagnostic.Text,
            text => _log.LogWarning(null, diagnostic.Code.Id, null, null, place.File, place.Line, place.Column, 0, 0, "{0}", text));
    }

    /// <summary>A finding that stops the build. The user's copy also names the log file.</summary>
    public void Error(Diagnostic diagnostic)
    {
        var place = diagnostic.Location ?? new SourceLocation(_projectFile);
        Write($"error {diagnostic.Code.Id}: ", diagnostic.Text,
            text => _log.LogError(null, diagnostic.Code.Id, null, null, place.File, place.Line, place.Column, 0, 0, "{0}", $"{text} The log: {_logFile}"));
    }

    /// <summary>A line for the log file alone.</summary>
    public void File(string message) => Write("", message, _ => { });

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer.Dispose();
        }
    }

    private void Message(MessageImportance importance, string message)
        => Write("", message, text => _log.LogMessage(importance, "{0}", text));

    private void Write(string prefix, string message, Action<string> forward)
    {
        lock (_gate)
        {
            // The last lines of a killed tool arrive when its task is over; MSBuild takes none after that.
            if (_closed)
                return;
            var text = _redactor.Redact(message);
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_elapsed.Elapsed.TotalSeconds,8:F1} {prefix}{text}"));
            forward(text);
        }
    }
}

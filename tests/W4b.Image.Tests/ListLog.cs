using System.Collections.Concurrent;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests;

/// <summary>A log that a test can read.</summary>
public sealed class ListLog : IBuildLog
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<Diagnostic> _warnings = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IReadOnlyCollection<Diagnostic> Warnings => _warnings;

    /// <summary>Called with each line as it comes.</summary>
    public Action<string> OnLine { get; init; } = _ => { };

    public void Info(string message) => Add(message);

    public void Detail(string message) => Add(message);

    public void Warning(Diagnostic diagnostic)
    {
        _warnings.Enqueue(diagnostic);
        Add(diagnostic.ToString());
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        OnLine(line);
    }
}

using System.Collections.Concurrent;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests;

/// <summary>A build log that keeps what it was told.</summary>
internal sealed class RecordingLog : IBuildLog
{
    public ConcurrentQueue<string> Infos { get; } = [];

    public ConcurrentQueue<string> Details { get; } = [];

    public ConcurrentQueue<Diagnostic> Warnings { get; } = [];

    public void Info(string message) => Infos.Enqueue(message);

    public void Detail(string message) => Details.Enqueue(message);

    public void Warning(Diagnostic diagnostic) => Warnings.Enqueue(diagnostic);
}

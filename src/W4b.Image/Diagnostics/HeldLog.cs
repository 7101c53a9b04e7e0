namespace W4b.Image.Diagnostics;

/// <summary>Keeps what is reported until there is a log for it: of work that outlives who began it.</summary>
internal sealed class HeldLog : IBuildLog
{
    private readonly Lock _gate = new();
    private readonly List<Action<IBuildLog>> _held = [];
    private IBuildLog? _log;

    /// <summary>All that was reported, and what will be, goes to <paramref name="log"/>.</summary>
    public void Release(IBuildLog log)
    {
        lock (_gate)
        {
            _held.ForEach(report => report(log));
            _held.Clear();
            _log = log;
        }
    }

    /// <inheritdoc/>
    public void Info(string message) => Report(log => log.Info(message));

    /// <inheritdoc/>
    public void Detail(string message) => Report(log => log.Detail(message));

    /// <inheritdoc/>
    public void Warning(Diagnostic diagnostic) => Report(log => log.Warning(diagnostic));

    private void Report(Action<IBuildLog> report)
    {
        lock (_gate)
            if (_log is { } log)
                report(log);
            else
                _held.Add(report);
    }
}

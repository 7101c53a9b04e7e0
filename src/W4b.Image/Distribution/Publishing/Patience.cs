using System.Diagnostics;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>Does again what a lost connection ended, until it works or the other side was away for too long.</summary>
/// <param name="limit">How long it may be away.</param>
/// <param name="log">Is told of each loss.</param>
internal sealed class Patience(TimeSpan limit, IBuildLog log)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="action"/>.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PublishFailed"/> when the other side stays away.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> action, CancellationToken cancellation)
    {
        var pause = s_firstPause;
        Stopwatch? away = null;
        while (true)
        {
            var began = Stopwatch.StartNew();
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (ConnectionLostException e)
            {
                // What ran for a while had a connection.
                if (away is null || began.Elapsed > s_longestPause)
                    (away, pause) = (Stopwatch.StartNew(), s_firstPause);
                if (away.Elapsed > limit)
                    throw DiagnosticCode.PublishFailed.Error($"{e.Message} It was tried for {away.Elapsed.TotalSeconds:0} s.", inner: e);
                log.Info($"The connection is lost, trying again: {e.Message}");
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
            }
        }
    }

    /// <summary>The same, for what has no result.</summary>
    public Task RunAsync(Func<Task> action, CancellationToken cancellation)
        => RunAsync(async () => { await action().ConfigureAwait(false); return true; }, cancellation);
}

namespace W4b.Image.Tests.Layers.Download;

/// <summary>A clock whose timers fire a hundred times sooner, those under <paramref name="limit"/>.</summary>
public sealed class FastTime(TimeSpan limit) : TimeProvider
{
    public static FastTime Delays { get; } = new(TimeSpan.FromSeconds(30));

    public static FastTime Timeouts { get; } = new(TimeSpan.MaxValue);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => new Timer(System.CreateTimer(callback, state, Sooner(dueTime), period), this);

    private TimeSpan Sooner(TimeSpan time) => time < limit && time > TimeSpan.Zero ? time / 100 : time;

    private sealed class Timer(ITimer timer, FastTime clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Sooner(dueTime), period);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

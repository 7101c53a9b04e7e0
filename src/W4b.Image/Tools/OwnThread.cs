namespace W4b.Image.Tools;

/// <summary>
/// Long work on a thread of its own. The pool has at first as many threads as the machine has cores, and another only about half a second later:
/// two long works on it, and on a small machine nothing else goes on.
/// </summary>
internal static class OwnThread
{
    /// <summary>Begins work.</summary>
    public static Task Run(Action work, CancellationToken cancellation) => Run(() => { work(); return true; }, cancellation);

    /// <inheritdoc cref="Run(Action, CancellationToken)"/>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
        => Task.Factory.StartNew(work, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

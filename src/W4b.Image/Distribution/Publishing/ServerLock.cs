using System.Diagnostics;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>
/// The right to change a destination's lists: a folder there, which only one can make. Who finds it waits. A holder that was killed
/// leaves it behind; since what is done under it takes seconds, one that stays the same for a minute is nobody's. No clock but one's own
/// is asked for that.
/// </summary>
internal sealed class ServerLock : IAsyncDisposable
{
    /// <summary>For how long it may be held.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(45);

    private const string Folder = "w4b-images.lock";
    private const string OwnerFile = Folder + "/owner";
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(500);

    private readonly IDestination _destination;
    private readonly Patience _patience;

    private ServerLock(IDestination destination, Patience patience) => (_destination, _patience) = (destination, patience);

    /// <summary>Takes it, when it is free.</summary>
    /// <param name="destination">Whose lists.</param>
    /// <param name="patience">For lost connections.</param>
    /// <param name="abandoned">After how long without a change it is nobody's.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="log">Is told when it waits.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ListLocked"/>.</exception>
    public static async Task<ServerLock> TakeAsync(IDestination destination, Patience patience, TimeSpan abandoned, TimeSpan limit, IBuildLog log,
        CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        var (seen, since) = ((string?)null, Stopwatch.StartNew());
        while (!await patience.RunAsync(() => destination.TryCreateFolderAsync(Folder, cancellation), cancellation).ConfigureAwait(false))
        {
            var owner = await OwnerAsync(destination, patience, cancellation).ConfigureAwait(false);
            if (owner != seen)
            {
                log.Info($"Waiting for another publisher{(owner.Length == 0 ? "" : $" ({owner})")} to be done with the list of {destination.Description}.");
                (seen, since) = (owner, Stopwatch.StartNew());
            }
            else if (since.Elapsed > abandoned)
            {
                log.Info($"That publisher is gone: its lock did not change for {since.Elapsed.TotalSeconds:0} s.");
                await ReleaseAsync(destination, patience, cancellation).ConfigureAwait(false);
                since.Restart();
            }
            else if (waited.Elapsed > limit)
            {
                throw DiagnosticCode.ListLocked.Error($"{destination.Description} is locked by {owner}; waited {waited.Elapsed.TotalSeconds:0} s.");
            }

            // Of no fixed length: two who gave way to each other must not meet again.
            await Task.Delay(s_longestPause * Random.Shared.NextDouble(), cancellation).ConfigureAwait(false);
        }

        using var name = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"{Environment.UserName}@{Environment.MachineName} {Guid.NewGuid():N}"));
        await patience.RunAsync(() => destination.WriteAsync(OwnerFile, name, cancellation), cancellation).ConfigureAwait(false);
        return new ServerLock(destination, patience);
    }

    /// <summary>Gives it back, also when the build is being cancelled.</summary>
    public async ValueTask DisposeAsync() => await ReleaseAsync(_destination, _patience, CancellationToken.None).ConfigureAwait(false);

    private static async Task ReleaseAsync(IDestination destination, Patience patience, CancellationToken cancellation)
    {
        await patience.RunAsync(() => destination.DeleteAsync(OwnerFile, cancellation), cancellation).ConfigureAwait(false);
        await patience.RunAsync(() => destination.DeleteFolderAsync(Folder, cancellation), cancellation).ConfigureAwait(false);
    }

    private static async Task<string> OwnerAsync(IDestination destination, Patience patience, CancellationToken cancellation)
        => await patience.RunAsync(async () =>
        {
            using var content = new MemoryStream();
            await destination.ReadAsync(OwnerFile, content, cancellation).ConfigureAwait(false);
            return System.Text.Encoding.UTF8.GetString(content.ToArray());
        }, cancellation).ConfigureAwait(false);
}

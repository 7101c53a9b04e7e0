using W4b.Image.Compression;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Steps;

/// <summary>
/// An image's archive that is made while something else looks at the image. Whoever wants it takes it; when nobody has by the end, because
/// the image failed its checks for example, <see cref="Dispose"/> stops the work and leaves nothing of it.
/// </summary>
public sealed class BegunArchive : IDisposable
{
    private readonly string _archive;
    private readonly (string Image, long Length, DateTime Written, int Level) _of;
    private readonly HeldLog _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<ImageArchive> _making;
    private bool _isTaken;

    /// <summary>Begins it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="archive">Where the archive appears.</param>
    /// <param name="layerImage">The layer that the image was made from.</param>
    /// <param name="choice">How it is compressed.</param>
    internal BegunArchive(string image, string archive, string layerImage, CompressionChoice choice)
    {
        (_archive, _of) = (archive, StateOf(image, choice.Level));
        _making = OwnThread.Run(() => ImageArchive.MakeAsync(image, archive, layerImage, choice, AllCores.Instance, _log, _stop.Token), CancellationToken.None).Unwrap();
    }

    /// <summary>Waits for the archive. What was reported meanwhile goes to <paramref name="log"/>.</summary>
    /// <returns>Null when it is not the image's as the image is now, or not of that level: then nothing of it is left.</returns>
    /// <exception cref="W4bException">It could not be made.</exception>
    internal async Task<ImageArchive?> TakeAsync(string image, int level, IBuildLog log, CancellationToken ct)
    {
        if (_of != StateOf(image, level))
        {
            log.Info("Image or level were changed since the archive was begun: it is made anew.");
            Stop();
            return null;
        }

        _log.Release(log);
        using var stopping = ct.Register(_stop.Cancel);
        var made = await _making.ConfigureAwait(false);
        _isTaken = true;
        return made;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void Stop()
    {
        if (!_stop.IsCancellationRequested)
            _stop.Cancel();
        // It was stopped, or failed, and nobody wants it: whoever did has had its failure.
        ((Task)_making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        if (!_isTaken)
            File.Delete(_archive);
    }

    private static (string Image, long Length, DateTime Written, int Level) StateOf(string image, int level)
        => (Path.GetFullPath(image), new FileInfo(image).Length, File.GetLastWriteTimeUtc(image), level);
}

using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Imager;

namespace W4b.Image.Distribution.Publishing;

/// <summary>Writes a server's two lists: its images, and Raspberry Pi Imager's os_list.json. Removes what is no longer kept.</summary>
internal sealed class ListUpdate(IDestination destination, Uploader uploader, Patience patience, IBuildLog log)
{
    /// <summary>Imager's list.</summary>
    public const string ImagerFile = "os_list.json";

    // Twice what a holder may take.
    private static readonly TimeSpan s_abandoned = ServerLock.LongestHold * 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>Lists images. Their files are there.</summary>
    /// <param name="published">The images.</param>
    /// <param name="keep">How many of each hive stay; null for all.</param>
    /// <param name="cancellation">Ends the waiting for another publisher.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ListUnreadable"/>, <see cref="DiagnosticCode.ListLocked"/>, <see cref="DiagnosticCode.PublishFailed"/>.</exception>
    public async Task RunAsync(IReadOnlyList<Publication> published, int? keep, CancellationToken cancellation)
    {
        var guard = await ServerLock.TakeAsync(destination, patience, s_abandoned, s_limit, log, cancellation).ConfigureAwait(false);
        await using (guard.ConfigureAwait(false))
        {
            using var hold = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            hold.CancelAfter(ServerLock.LongestHold);
            try
            {
                await UpdateAsync(published, keep, hold.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw DiagnosticCode.PublishFailed.Error($"The lists of {destination.Description} could not be written within {ServerLock.LongestHold.TotalSeconds:0} s. The images are there; publish again to list them.");
            }
        }
    }

    private async Task UpdateAsync(IReadOnlyList<Publication> published, int? keep, CancellationToken cancellation)
    {
        var indexText = await uploader.ReadTextAsync(PublishedImages.FileName, cancellation).ConfigureAwait(false);
        var before = PublishedImages.Parse(indexText, Place(PublishedImages.FileName));
        List<PublishedImage> images = [.. published.Select(p => p.Image)];
        var index = before.With(images);
        List<PublishedImage> superfluous = keep is { } count ? [.. images.Select(i => i.HiveId).Distinct().SelectMany(h => index.Superfluous(h, count, images))] : [];
        index = new PublishedImages([.. index.Images.Except(superfluous)]);

        // Imager's list first: it must not name what is gone.
        await UpdateImagerListAsync(published, before, superfluous, cancellation).ConfigureAwait(false);
        foreach (var file in superfluous.SelectMany(i => i.Files.Reverse()))
            await uploader.DeleteAsync(file.Name, cancellation).ConfigureAwait(false);
        foreach (var image in superfluous)
            log.Info($"Removed {image.Name} from {destination.Description}: {keep} of a hive are kept.");
        if (Configuration.ImageJson.Write(index) is var text && text != indexText)
            await uploader.PutTextAsync(text, PublishedImages.FileName, cancellation).ConfigureAwait(false);
    }

    private async Task UpdateImagerListAsync(IReadOnlyList<Publication> published, PublishedImages before, List<PublishedImage> removed, CancellationToken cancellation)
    {
        var listed = published.Where(p => !p.Image.Encrypted).Select(p => new ListedImage(p.Image.Url, ImagerList.Entry(p.Facts, p.Image.Url),
            [.. before.Images.Where(i => i.HiveId == p.Image.HiveId && i.Name != p.Image.Name).Select(i => i.Url)])).ToList();
        while (true)
        {
            var text = await uploader.ReadTextAsync(ImagerFile, cancellation).ConfigureAwait(false);
            if (text is null && listed.Count == 0)
                return;
            var merged = ImagerList.Merge(text, Place(ImagerFile), listed, [.. removed.Select(i => i.Url)]);
            if (merged == text)
                return;
            // Who edits it by hand asks no lock.
            if (await uploader.ReadTextAsync(ImagerFile, cancellation).ConfigureAwait(false) != text)
                continue;
            await uploader.PutTextAsync(merged, ImagerFile, cancellation).ConfigureAwait(false);
            return;
        }
    }

    private string Place(string name) => $"{destination.Description.TrimEnd('/')}/{name}";
}

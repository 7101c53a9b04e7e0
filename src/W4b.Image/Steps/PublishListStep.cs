using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Publishing;

namespace W4b.Image.Steps;

/// <summary>Images whose files arrived are listed where they are; of a fleet all at once.</summary>
public static class PublishListStep
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Writes each destination's lists once.</summary>
    /// <param name="publications">What <see cref="PublishImageStep"/> wrote, one for each image.</param>
    /// <param name="log">Receives what happens.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>For people: where each image is, and how a card is written from it.</returns>
    /// <exception cref="W4bException">The codes of publishing.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> publications, IBuildLog log, CancellationToken ct)
    {
        var said = new StringBuilder();
        foreach (var group in publications.Select(ImageJson.Read<Publication>).GroupBy(p => (p.Destination.Url, p.Destination.User)))
        {
            List<Publication> images = [.. group.OrderBy(p => p.Image.HiveId, StringComparer.Ordinal)];
            var target = images[0].Destination;
            var destination = target.Open(log);
            await using (destination.ConfigureAwait(false))
            {
                var patience = new Patience(s_patience, log);
                await new ListUpdate(destination, new Uploader(destination, patience, log), patience, log).RunAsync(images, target.Keep, ct).ConfigureAwait(false);
            }

            foreach (var image in images)
                said.Append(FlashHint.Of(image));
        }

        return said.ToString();
    }
}

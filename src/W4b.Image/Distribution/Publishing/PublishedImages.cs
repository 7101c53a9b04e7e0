using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>An image on a server.</summary>
/// <param name="Name">The image's name without extension.</param>
/// <param name="HiveId">The hive.</param>
/// <param name="Time">The time that the image bears, RFC 3339.</param>
/// <param name="Url">Where its archive is.</param>
/// <param name="Encrypted">Whether it is encrypted: then Imager cannot use it.</param>
/// <param name="Files">All of its files there, the archive last.</param>
internal sealed record PublishedImage(string Name, string HiveId, string Time, string Url, bool Encrypted, IReadOnlyList<FileFacts> Files);

/// <summary>
/// The images of a server in the order in which they were published, <c>w4b-images.json</c>. The order tells which are the last ones of a
/// hive: times would be those of the publishers' clocks.
/// </summary>
internal sealed record PublishedImages(IReadOnlyList<PublishedImage> Images)
{
    /// <summary>Its name on the server.</summary>
    public const string FileName = "w4b-images.json";

    /// <summary>Reads it; null is none yet.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ListUnreadable"/>.</exception>
    public static PublishedImages Parse(string? text, string place)
    {
        if (text is null)
            return new PublishedImages([]);
        try
        {
            return ImageJson.Parse<PublishedImages>(text) is { Images: not null } images && images.Images.All(i => i is { Name: not null, HiveId: not null, Url: not null, Files: not null })
                ? images : throw new JsonException("it lacks \"images\", or one of them its name, hive, URL or files");
        }
        catch (JsonException e)
        {
            throw DiagnosticCode.ListUnreadable.Error($"{place} cannot be read: {e.Message} It was left as it is.", inner: e);
        }
    }

    /// <summary>Whether it says that this file is there.</summary>
    public bool Has(FileFacts file) => Images.Any(i => i.Files.Contains(file));

    /// <summary>With these images: in their places when they were published before, else last.</summary>
    public PublishedImages With(IReadOnlyList<PublishedImage> published)
        => new([.. Images.Select(i => published.FirstOrDefault(p => p.Name == i.Name) ?? i), .. published.Where(p => Images.All(i => i.Name != p.Name))]);

    /// <summary>Those that a hive has too many of: all but its last <paramref name="keep"/>. The ones just published are never among them.</summary>
    public IReadOnlyList<PublishedImage> Superfluous(string hiveId, int keep, IReadOnlyList<PublishedImage> published)
        => [.. Images.Where(i => i.HiveId == hiveId).SkipLast(keep).Where(i => published.All(p => p.Name != i.Name))];
}

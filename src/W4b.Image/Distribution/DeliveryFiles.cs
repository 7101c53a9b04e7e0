using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Distribution.Contents;
using W4b.Image.Distribution.Imager;
using W4b.Image.Distribution.Sbom;
using W4b.Image.Distribution.Signing;

namespace W4b.Image.Distribution;

/// <summary>The files beside an archive that tell of it. Each appears whole, by renaming; all of them before the archive does.</summary>
internal static class DeliveryFiles
{
    /// <summary>Writes them.</summary>
    /// <param name="facts">The image.</param>
    /// <param name="map">Its block map.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="archive">Where the archive is now.</param>
    /// <param name="folder">Where it and its files belong.</param>
    /// <param name="downloadServer">URL of the server that users get it from; null when none is configured.</param>
    /// <param name="signingKey">The secret key's file; null for no signature.</param>
    /// <param name="log">Receives what happens.</param>
    /// <param name="cancellation">Stops the signing.</param>
    public static async Task WriteAsync(ImageFacts facts, BlockMap map, ImageContents contents, string archive, string folder, string? downloadServer, string? signingKey,
        IBuildLog log, CancellationToken cancellation)
    {
        string At(string extension) => Path.Combine(folder, facts.Name + extension);
        ContentFile.WriteAtomically(At(".bmap"), map.ToXml());
        ContentFile.WriteAtomically(At(".spdx.json"), SpdxDocument.Write(facts, contents));
        ContentFile.WriteAtomically(At(".cdx.json"), CycloneDxDocument.Write(facts, contents));
        ContentFile.WriteAtomically(At(".rpi-imager-manifest"), ImagerList.Manifest(facts, UrlOf(facts, downloadServer, folder)));
        foreach (var extension in ImageSigner.Extensions)
            File.Delete(At(".img.xz" + extension));
        if (signingKey is not null)
            await ImageSigner.SignAsync(archive, facts.Archive.Name, signingKey, facts.Time, At(".img.xz"), log, cancellation).ConfigureAwait(false);
    }

    // Without a server the archive is where the build puts it; Imager takes no relative URL.
    private static string UrlOf(ImageFacts facts, string? downloadServer, string folder)
        => downloadServer is null ? new Uri(Path.GetFullPath(Path.Combine(folder, facts.Archive.Name))).AbsoluteUri : Join(downloadServer, facts.Archive.Name);

    /// <summary>The URL of a file in the folder that <paramref name="folder"/> is the URL of.</summary>
    public static string Join(string folder, string file) => folder.TrimEnd('/') + "/" + Uri.EscapeDataString(file);

    /// <summary>Components as they may be told of: a folder or archive of the build host has no place, a URL no credentials.</summary>
    public static IReadOnlyList<ComponentConfiguration> Public(IEnumerable<ComponentConfiguration> components)
        => [.. components.Select(c => c with { Source = c.Source.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(c.Source, UriKind.Absolute, out var url)
            ? url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped) : "" })];
}

using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;

namespace W4b.Image.Steps;

/// <summary>What an image is: the <c>.json</c> beside it. Holds no secret.</summary>
/// <param name="Name">The image's name without extension.</param>
/// <param name="HiveId">The hive.</param>
/// <param name="Hostname">Its host name.</param>
/// <param name="PiModel">The Raspberry Pi it is for.</param>
/// <param name="Architecture">Debian's name of its architecture.</param>
/// <param name="Base">The base image.</param>
/// <param name="LayerId">The software layer's content id.</param>
/// <param name="ToolVersion">The version of this SDK.</param>
/// <param name="WireGuardPublicKey">The hive's WireGuard public key, for the hub; null without a tunnel.</param>
/// <param name="Image">The raw image.</param>
/// <param name="Archive">The compressed image.</param>
/// <param name="Packages">All packages in it.</param>
public sealed record ImageManifest(string Name, string HiveId, string Hostname, int PiModel, string Architecture, ManifestBase Base,
    string LayerId, string ToolVersion, string? WireGuardPublicKey, ManifestFile Image, ManifestFile Archive, IReadOnlyList<InstalledPackage> Packages)
{
    /// <summary>The manifest of a compressed image.</summary>
    public static ImageManifest Create(string name, HiveConfiguration hive, LayerInfo layer, XzResult result, string? wireGuardPublicKey)
        => new(name, hive.HiveId, hive.System.Hostname, hive.Base.PiModel, hive.Base.Architecture,
            new ManifestBase(hive.Base.Download is { } download ? WithoutCredentials(download.Url) : $"debian {hive.Base.Debian!.Suite}",
                hive.Base.Download?.Sha256, layer.BaseSha256),
            layer.Id, Diagnostics.ToolVersion.Current, wireGuardPublicKey,
            new ManifestFile(name + ".img", result.RawBytes, result.RawSha256), new ManifestFile(name + ".img.xz", result.ArchiveBytes, result.ArchiveSha256),
            layer.Packages);

    private static string WithoutCredentials(string url)
        => new Uri(url).GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);
}

/// <summary>The base image of an image.</summary>
/// <param name="Source">Its URL, or the distribution it was built from.</param>
/// <param name="DownloadSha256">sha256 of the file at the URL.</param>
/// <param name="Sha256">sha256 of the raw base image.</param>
public sealed record ManifestBase(string Source, string? DownloadSha256, string Sha256);

/// <summary>A file of an image.</summary>
/// <param name="File">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its sha256, 64 hexadecimal digits.</param>
public sealed record ManifestFile(string File, long Bytes, string Sha256);

namespace W4b.Image.Configuration;

/// <summary>The base image.</summary>
/// <param name="PiModel">The Raspberry Pi: 3, 4 or 5.</param>
/// <param name="Architecture">Debian's name of the target architecture: <c>arm64</c> or <c>armhf</c>.</param>
/// <param name="Download">The image to download; null when it is built from packages.</param>
/// <param name="Debian">The base to build from Debian packages; null when it is downloaded.</param>
public sealed record BaseImageConfiguration(int PiModel, string Architecture, DownloadConfiguration? Download, DebianConfiguration? Debian);

/// <summary>A base image at a URL.</summary>
/// <param name="Url">https, http or file URL.</param>
/// <param name="Sha256">sha256 of the file at the URL, 64 lower-case hexadecimal digits.</param>
public sealed record DownloadConfiguration(string Url, string Sha256)
{
    /// <summary>Servers that are asked before the one in <see cref="Url"/>, each by a URL to which the path of <see cref="Url"/> is added.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>The publisher's signature of the file; null when none is checked.</summary>
    public SignatureConfiguration? Signature { get; init; }
}

/// <summary>A detached OpenPGP signature of a base image, and who may have made it.</summary>
/// <param name="Url">https, http or file URL of the signature.</param>
/// <param name="ReleaseDate">The day on which the image was released; null when unknown, then it is the signature's own.</param>
/// <param name="KnownRelease">Whether the image is one of the SDK's table: only the publisher's pinned keys may have signed it.</param>
/// <param name="KeyFiles">Files with further public keys.</param>
public sealed record SignatureConfiguration(string Url, DateOnly? ReleaseDate, bool KnownRelease, IReadOnlyList<string> KeyFiles);

/// <summary>A base built from Debian packages.</summary>
/// <param name="Suite">The suite, e.g. <c>trixie</c>.</param>
/// <param name="Mirror">The mirror's URL; null for the tool's default.</param>
/// <param name="Packages">Packages beside the ones that every hive needs.</param>
public sealed record DebianConfiguration(string Suite, string? Mirror, IReadOnlyList<string> Packages);

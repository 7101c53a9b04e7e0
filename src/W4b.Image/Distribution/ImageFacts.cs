using W4b.Image.Configuration;

namespace W4b.Image.Distribution;

/// <summary>What the files beside an image say of it. Holds no secret and no time but the image's own.</summary>
/// <param name="Name">The image's name without extension.</param>
/// <param name="HiveId">The hive.</param>
/// <param name="Hostname">Its host name.</param>
/// <param name="PiModel">The Raspberry Pi it is for.</param>
/// <param name="Architecture">Debian's name of its architecture.</param>
/// <param name="Time">The time that the image bears.</param>
/// <param name="Base">The base image's URL without credentials, or the distribution it was built from.</param>
/// <param name="BaseSha256">sha256 of the raw base image.</param>
/// <param name="LayerId">The software layer's content id.</param>
/// <param name="ToolVersion">The version of this SDK.</param>
/// <param name="Image">The raw image.</param>
/// <param name="Archive">The compressed image.</param>
public sealed record ImageFacts(string Name, string HiveId, string Hostname, int PiModel, string Architecture, DateTimeOffset Time,
    string Base, string BaseSha256, string LayerId, string ToolVersion, FileFacts Image, FileFacts Archive)
{
    /// <summary>The time in the form of RFC 3339, UTC.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string TimeText => Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The name of the file in obj/ that holds them for publishing.</summary>
    internal const string FileName = "image-facts.json";

    /// <summary>Whether the image has something in it that not everyone may know.</summary>
    public bool HoldsSecrets { get; init; }

    /// <summary>Components of the configuration: what they were made from, without paths of the build host.</summary>
    public IReadOnlyList<ComponentConfiguration> Components { get; init; } = [];
}

/// <summary>A file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="Sha256">Its sha256, 64 lower-case hexadecimal digits.</param>
public sealed record FileFacts(string Name, long Bytes, string Sha256);

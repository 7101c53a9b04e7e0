using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>Of base images, packages and output.</summary>
internal static partial class Values
{
    /// <summary>What stands for the version in a URL template.</summary>
    public const string VersionPlaceholder = "{version}";

    private static readonly Dictionary<int, string> s_otherHashes = new() { [32] = "MD5", [40] = "SHA-1", [96] = "SHA-384", [128] = "SHA-512" };

    public static string? PiModel(string value) => ReadPiModel(value) is null ? "3, 4 or 5 (`pi3`, `pi4`, `pi5` too)" : null;

    /// <summary>The model's number, or null.</summary>
    public static int? ReadPiModel(string value)
        => value.Trim().ToLowerInvariant() is ['3' or '4' or '5'] or ['p', 'i', '3' or '4' or '5'] ? value.Trim()[^1] - '0' : null;

    public static string? BaseVersion(string value)
        => VersionPattern().IsMatch(value) ? null : "a Debian suite such as trixie, or a release date of Raspberry Pi OS such as 2026-06-18";

    public static string? ImageUrl(string value)
        => !value.Contains("://", StringComparison.Ordinal)
            || (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" or "file")
            ? null : "an https, http or file URL, or a path";

    public static string? ImageUrlTemplate(string value)
        => value.Contains(VersionPlaceholder, StringComparison.Ordinal) ? ImageUrl(value) : $"a URL with {VersionPlaceholder} in it";

    public static string? MirrorUrl(string value)
        => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" or "file" && value.Contains("://", StringComparison.Ordinal) && url.Query.Length == 0
            ? null : "an https, http or file URL without a query, e.g. https://mirror.example.org/raspberrypi";

    public static string? SignatureUrl(string value) => value == "none" ? null : ImageUrl(value) is { } expected ? expected + ", or none" : null;

    public static string? HttpUrl(string value)
        => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.Host.Length > 0 ? null : "an https or http URL";

    public static string? UploadUrl(string value)
        => !Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http" or "sftp" or "s3" or "file") ? "an https, http, sftp, s3 or file URL"
            : url.Scheme is "file" ? null
            : url.Host.Length == 0 ? "a URL with a host"
            : url.UserInfo.Contains(':', StringComparison.Ordinal) || (url.Scheme != "sftp" && url.UserInfo.Length > 0) ? "a URL without a password; publish.password takes one"
            : url.Query.Length > 0 || url.Fragment.Length > 0 ? "the URL of a folder, without ? and #" : null;

    public static string? PublishUrl(string value) => value.Contains("://", StringComparison.Ordinal) ? UploadUrl(value) : null;

    public static string? ServerUrl(string value)
        => Uri.TryCreate(value, UriKind.Absolute, out var url) && url is { Scheme: "https" or "http", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "" }
            ? null : "an https or http URL without a password";

    public static string? HostKey(string value) => HostKeyPattern().IsMatch(value) ? null : "a host key as in known_hosts, `ssh-ed25519 AAAA...`, or its fingerprint, `SHA256:...`";

    public static string? Sha256(string value)
    {
        if (ReadSha256(value) is not null)
            return null;
        const string expected = "a sha256: 64 hexadecimal digits, `sha256:` may stand before them";
        var hex = value.Trim();
        return hex.All(char.IsAsciiHexDigit) && s_otherHashes.TryGetValue(hex.Length, out var other)
            ? $"{expected}; {hex.Length} digits are a {other}" : expected;
    }

    /// <summary>The 64 lower-case digits, or null.</summary>
    public static string? ReadSha256(string value)
    {
        var hex = value.Trim().ToLowerInvariant();
        if (hex.StartsWith("sha256:", StringComparison.Ordinal))
            hex = hex["sha256:".Length..];
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? hex : null;
    }

    public static string? ChecksumType(string value)
        => value.Equals("sha256", StringComparison.OrdinalIgnoreCase) ? null
            : "sha256, which publishers of images give and which no two files share; others are not accepted";

    public static string? Package(string value) => PackagePattern().IsMatch(value) && !value.EndsWith('-') ? null : "the name of a Debian package, e.g. python3-venv";

    public static string? Suite(string value) => SuitePattern().IsMatch(value) ? null : "a name as in sources.list, e.g. trixie or main";

    public static string? PythonRequirement(string value)
        => RequirementPattern().IsMatch(value) ? null : "a requirement as pip takes it, e.g. pyserial==3.5";

    public static string? NamingTemplate(string value)
        => !value.Contains("{timestamp}", StringComparison.Ordinal) || !value.Contains("{hive_id}", StringComparison.Ordinal)
            ? "a template with {hive_id} and {timestamp}, so that each image has its own name"
            : FileNamePattern().IsMatch(Name(value, "x", 3, "0")) ? null : "a file name of letters, digits, `_`, `-` and `.`, with {hive_id}, {model} and {timestamp}";

    /// <summary>An image's name from its template.</summary>
    public static string Name(string template, string hiveId, int model, string timestamp)
        => template.Replace("{hive_id}", hiveId, StringComparison.Ordinal)
            .Replace("{model}", model.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{timestamp}", timestamp, StringComparison.Ordinal);

    public static string? AlwaysCompressed(string value)
        => ReadFlag(value) == false ? "true: the image is always an .img.xz; `xz -d` unpacks it" : null;

    [GeneratedRegex(@"^(SHA256:[A-Za-z0-9+/]{43}=?|(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ AAAA[A-Za-z0-9+/=]+( .*)?)\z")]
    private static partial Regex HostKeyPattern();

    // With slashes for url_template: the field's own versions are paths.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]*\z")]
    private static partial Regex VersionPattern();

    // Debian Policy 5.6.7; a hyphen at the end would tell apt to remove it. `=version` and `:architecture` as apt-get takes them.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?\z")]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"^(\./|/|[A-Za-z0-9])[A-Za-z0-9./_-]*\z")]
    private static partial Regex SuitePattern();

    // PEP 508 without markers and URLs: name, extras, versions.
    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9,._ -]+\])?\s*([<>=!~]=?=?\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*\z")]
    private static partial Regex RequirementPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex FileNamePattern();
}

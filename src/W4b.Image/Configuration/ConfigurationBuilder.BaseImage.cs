using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>The base image.</summary>
internal sealed partial class ConfigurationBuilder
{
    private const string NoSignature = "none";

    private BaseImageConfiguration BaseImage()
    {
        var model = Values.ReadPiModel(read.Text("base_image.model") ?? "") ?? 0;
        var version = Version();
        var url = Url(version);
        if (RaspberryPiOsReleases.ArchitectureOf(version ?? "") is { } named)
            read.Derive("base_image.architecture", named, "base_image.version");
        // Raspberry Pi OS says it in each image's name.
        else if (url?.Url.Contains("armhf", StringComparison.Ordinal) == true)
            read.Derive("base_image.architecture", "armhf", url.Value.Key);
        var architecture = read.Text("base_image.architecture") ?? "";
        var distribution = read.Derive("base_image.distribution",
            url is not null || (version is not null && Release().IsMatch(version)) ? "raspios" : "debian", "base_image.url and base_image.version");

        if (url is var (text, key))
            return new(model, architecture, Download(text, key, version), null);
        if (distribution == "raspios")
            return new(model, architecture, KnownRelease(version, architecture), null);

        var suite = read.Derive("base_image.version", "trixie", "default");
        if (!SuiteName().IsMatch(suite))
            read.Error(DiagnosticCode.InvalidValue, $"base_image.version is \"{suite}\", expected a Debian suite such as trixie.", "base_image.version");
        return new(model, architecture, null,
            new DebianConfiguration(suite, read.Text("base_image.mirror"), Packages("base_image.packages", [])));
    }

    // What "latest" is may change from build to build. Only something that keeps what it once was could say which release that is.
    private string? Version()
    {
        if (read.Text("base_image.version") is not "latest")
            return read.Text("base_image.version");
        if (read.Text("base_image.url") is null)
            read.Error(DiagnosticCode.MovingVersion, "base_image.version is latest, which is another image tomorrow: the same configuration would not give the same "
                + $"bytes, and nobody would have checked the new image's sha256. Known releases: {RaspberryPiOsReleases.Names}.", "base_image.version");
        return null;
    }

    private DownloadConfiguration? KnownRelease(string? version, string architecture)
    {
        if (!read.Value("base_image.version").Valid || read.Value("base_image.version").Text == "latest")
            return null;
        if (RaspberryPiOsReleases.Find(version ?? "", architecture) is not { } release)
        {
            read.Error(DiagnosticCode.InvalidValue,
                $"Raspberry Pi OS {version ?? "without base_image.version"} for {architecture} is not in the table of known releases "
                + $"({RaspberryPiOsReleases.Names}); any other is given by base_image.url and base_image.checksum.", "base_image.version");
            return null;
        }

        if (read.IsSet("base_image.checksum") && Values.ReadSha256(read.Text("base_image.checksum") ?? "") is { } given && given != release.Sha256)
            read.Error(DiagnosticCode.InvalidValue, $"base_image.checksum is {given}, but {release.Name} has {release.Sha256}.", "base_image.checksum");
        var signature = read.Text("base_image.signature") ?? release.Url + ".sig";
        return new DownloadConfiguration(release.Url, release.Sha256)
        {
            Mirrors = Mirrors(),
            Signature = Signature(signature, DateOnly.ParseExact(release.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture), knownRelease: true),
        };
    }

    private (string Url, string Key)? Url(string? version)
    {
        if (read.Text("base_image.url") is { } url)
            return (url, "base_image.url");
        if (read.Text("base_image.url_template") is not { } template)
            return null;
        if (version is null && !read.IsSet("base_image.version"))
            read.Error(DiagnosticCode.MissingValue, "base_image.version is missing: base_image.url_template needs it.", "base_image.url_template");
        return (template.Replace(Values.VersionPlaceholder, version, StringComparison.Ordinal), "base_image.url_template");
    }

    private DownloadConfiguration Download(string url, string key, string? version)
    {
        var checksum = read.Required("base_image.checksum",
            "an image is only used when its sha256 is known; its publisher gives it, for Raspberry Pi OS at the URL plus .sha256");
        if (read.IsSet("base_image.signing_keys") && !read.IsSet("base_image.signature"))
            read.Error(DiagnosticCode.MissingValue, "base_image.signature is missing: base_image.signing_keys checks it.", "base_image.signing_keys");
        return new DownloadConfiguration(Absolute(url, key), Values.ReadSha256(checksum) ?? "")
        {
            Mirrors = Mirrors(),
            Signature = read.Text("base_image.signature") is { } signature ? Signature(signature, DateIn(version) ?? DateIn(url.Split('/')[^1]), knownRelease: false) : null,
        };
    }

    private IReadOnlyList<string> Mirrors() => [.. read.List("base_image.mirrors").Select(m => m.Text)];

    private SignatureConfiguration? Signature(string text, DateOnly? released, bool knownRelease)
        => text == NoSignature ? null : new SignatureConfiguration(Absolute(text, "base_image.signature"), released, knownRelease,
            [.. read.List("base_image.signing_keys").Select(k => ExistingFile("base_image.signing_keys", k.Text, k.Place))]);

    private string Absolute(string url, string key)
        => url.Contains("://", StringComparison.Ordinal) ? url : new Uri(ConfigurationReader.FullPath(url, read.Place(key))).AbsoluteUri;

    private static DateOnly? DateIn(string? text)
        => text is not null && Release().IsMatch(text) && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date : null;

    // A date, and what the publisher puts behind it in a file's name.
    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(-|\z)")]
    private static partial Regex Release();

    [GeneratedRegex(@"^[a-z][a-z0-9-]*\z")]
    private static partial Regex SuiteName();
}

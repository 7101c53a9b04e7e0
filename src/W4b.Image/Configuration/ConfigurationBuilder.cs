using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Makes the model of a hive from what <see cref="ConfigurationReader"/> reads.</summary>
internal sealed partial class ConfigurationBuilder(ConfigurationReader read, string projectName)
{
    /// <summary>Where each package of the software layer is named.</summary>
    public Dictionary<string, SourceLocation> PackagePlaces { get; } = new(StringComparer.Ordinal);

    /// <summary>The model. Only valid when <see cref="ConfigurationReader.Errors"/> is empty afterwards.</summary>
    public HiveConfiguration Build(IReadOnlyList<string> packages, IReadOnlyList<ProjectFile> files, IReadOnlyList<string> scripts,
        IReadOnlyList<string> services)
    {
        var id = HiveId();
        var locale = read.Text("system.locale") ?? "C.UTF-8";
        return new HiveConfiguration(id, BaseImage(), Software(packages, scripts, locale),
            new SystemConfiguration(Hostname(read.Text("system.hostname_prefix") ?? "hive", id), read.Text("system.timezone") ?? "Etc/UTC",
                locale, read.Text("system.keyboard") ?? "us"),
            Ssh(), Vpn(), files, services);
    }

    /// <summary>
    /// <c>{prefix}-{id}</c> as a legal host name (RFC 1123): the id without its <c>hive_</c>, in lower case, every other character a
    /// hyphen, at most 63 characters.
    /// </summary>
    public static string Hostname(string prefix, string hiveId)
    {
        var id = hiveId.StartsWith("hive_", StringComparison.Ordinal) ? hiveId["hive_".Length..] : hiveId;
        var name = NotInHostName().Replace($"{prefix}-{id}".ToLowerInvariant(), "-");
        return (name.Length <= 63 ? name : name[..63]).Trim('-');
    }

    private string HiveId()
    {
        // A project named as its hive need not say it twice.
        if (!read.IsSet("hive_id") && Values.HiveId(projectName) is null)
            return projectName;
        return read.Required("hive_id", $"the project's name {projectName} is no hive id either");
    }

    private BaseImageConfiguration BaseImage()
    {
        var model = Values.ReadPiModel(read.Text("base_image.model") ?? "3") ?? 3;
        var architecture = read.Text("base_image.architecture") ?? "arm64";
        var url = read.Text("base_image.url");
        var version = read.Text("base_image.version");
        var distribution = read.Text("base_image.distribution")
            ?? (url is not null || (version is not null && ReleaseDate().IsMatch(version)) ? "raspios" : "debian");

        if (url is not null)
            return new(model, architecture, Download(url), null);
        if (distribution == "raspios")
        {
            var release = RaspberryPiOsReleases.Find(version ?? "", architecture);
            if (release is null)
                read.Error(DiagnosticCode.InvalidValue,
                    $"Raspberry Pi OS {version ?? "without base_image.version"} for {architecture} is not in the table of known releases "
                    + $"({RaspberryPiOsReleases.Names}); any other is given by base_image.url and base_image.checksum.", "base_image.version");
            return new(model, architecture, release, null);
        }

        var suite = version ?? "trixie";
        if (!SuiteName().IsMatch(suite))
            read.Error(DiagnosticCode.InvalidValue, $"base_image.version is \"{suite}\", expected a Debian suite such as trixie.", "base_image.version");
        return new(model, architecture, null,
            new DebianConfiguration(suite, read.Text("base_image.mirror"), Packages("base_image.packages", [])));
    }

    private DownloadConfiguration Download(string url)
    {
        var checksum = read.Required("base_image.checksum",
            "an image is only used when its sha256 is known; its publisher gives it, for Raspberry Pi OS at the URL plus .sha256");
        var absolute = url.Contains("://", StringComparison.Ordinal) ? url : new Uri(read.FullPath(url)).AbsoluteUri;
        return new DownloadConfiguration(absolute, Values.ReadSha256(checksum) ?? "");
    }

    private SoftwareConfiguration Software(IReadOnlyList<string> packages, IReadOnlyList<string> scripts, string locale)
    {
        var all = read.List("software.scripts").Select(s => read.FullPath(s.Text)).Concat(scripts).ToList();
        foreach (var script in all.Where(s => !File.Exists(s)))
            read.Error(DiagnosticCode.InvalidValue, $"The script {script} does not exist.", "software.scripts");
        read.Files.AddRange(all);
        return new SoftwareConfiguration(Packages("software.packages", packages), all, [locale],
            Values.ReadSize(read.Text("image.size") ?? "0") ?? 0);
    }

    // Sorted, so that another order of the same packages is the same layer.
    private IReadOnlyList<string> Packages(string key, IReadOnlyList<string> more)
    {
        var listed = read.List(key);
        foreach (var (text, place) in listed)
            PackagePlaces.TryAdd(text, place);
        foreach (var (text, place) in listed.Concat(more.Select(p => (p, read.Place(key)))))
            if (!PackageName().IsMatch(text))
                read.Error(DiagnosticCode.InvalidValue, $"{key}: \"{text}\" ({place.Line},{place.Column}) is no name of a Debian package.", key);
        return [.. listed.Select(p => p.Text).Concat(more).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private SshConfiguration Ssh()
        => new(read.Flag("system.ssh.enabled") ?? true, read.Number("system.ssh.port") ?? 22,
            read.Flag("system.ssh.password_auth") ?? false, read.Flag("security.ssh.allow_root") ?? false,
            [.. new[] { read.Text("system.ssh.public_key"), read.Text("security.ssh.public_key") }
                .OfType<string>().Select(k => k.Trim()).Distinct(StringComparer.Ordinal)]);

    private VpnConfiguration? Vpn()
    {
        var given = read.IsSet("security.vpn.private_key") || read.IsSet("security.vpn.config");
        _ = read.Text("security.vpn.type");
        if (!(read.Flag("security.vpn.enabled") ?? given))
            return null;
        var keepalive = read.Number("security.vpn.persistent_keepalive") ?? 25;
        if (read.IsSet("security.vpn.config"))
            return new VpnConfiguration(read.Secret("security.vpn.config"), null, null, null, null, null, keepalive);

        if (!read.IsSet("security.vpn.private_key"))
            read.Error(DiagnosticCode.MissingValue, "security.vpn.private_key is missing: the tunnel needs the hive's private key.", "security.vpn");
        var endpoint = Values.ReadEndpoint(read.Required("security.vpn.server", "the tunnel needs the hub's endpoint"));
        var address = read.Required("security.vpn.client_ip", "the tunnel needs the hive's address");
        return new VpnConfiguration(null, read.Secret("security.vpn.private_key"),
            read.Required("security.vpn.public_key", "the tunnel needs the hub's public key"),
            endpoint is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Host}:{e.Port}") : null,
            address.Contains('/', StringComparison.Ordinal) || address.Length == 0 ? address
                : address + (address.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"),
            read.Text("security.vpn.subnet"), keepalive);
    }

    [GeneratedRegex("[^a-z0-9-]+")]
    private static partial Regex NotInHostName();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}$")]
    private static partial Regex ReleaseDate();

    [GeneratedRegex("^[a-z][a-z0-9-]*$")]
    private static partial Regex SuiteName();

    // Debian Policy 5.6.7; `=version` and `:architecture` as apt-get takes them.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$")]
    private static partial Regex PackageName();
}

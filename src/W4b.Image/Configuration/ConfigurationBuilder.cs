using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>What a project adds to its YAML.</summary>
/// <param name="Name">What it calls the hive: the project's name, or of a hive of a fleet its file's; without extension.</param>
/// <param name="Place">The project's file.</param>
/// <param name="Packages">Packages of its items.</param>
/// <param name="Files">Files of its items.</param>
/// <param name="Scripts">Scripts of its items, full paths.</param>
/// <param name="Services">Units of its items.</param>
internal sealed record ProjectInputs(string Name, SourceLocation Place, IReadOnlyList<string> Packages, IReadOnlyList<ProjectFile> Files,
    IReadOnlyList<string> Scripts, IReadOnlyList<string> Services)
{
    /// <summary>Components of its items.</summary>
    public IReadOnlyList<ComponentSource> Components { get; init; } = [];
}

/// <summary>Makes the model of a hive from what <see cref="ConfigurationReader"/> reads; a part of the model a file.</summary>
internal sealed partial class ConfigurationBuilder(ConfigurationReader read, ProjectInputs project)
{
    /// <summary>Where each package of the software layer is named.</summary>
    public Dictionary<string, SourceLocation> PackagePlaces { get; } = new(StringComparer.Ordinal);

    /// <summary>Where and how the image is published; known after <see cref="Build"/>.</summary>
    public PublishConfiguration? Publish { get; private set; }

    /// <summary>The folders that the YAML names, where nothing stronger does.</summary>
    public FolderConfiguration Folders => new(Folder("output.directory"), Folder("cache.directory"));

    /// <summary>How much the cache may hold.</summary>
    public CacheLimits CacheLimits => new(read.WholeNumber("cache.max_size_gb"), read.WholeNumber("cache.max_age_days"));

    /// <summary>The model. Only valid when <see cref="ConfigurationReader.Errors"/> is empty afterwards.</summary>
    public HiveConfiguration Build()
    {
        var id = HiveId();
        var system = SystemOf(id);
        CheckProjectItems();
        var ssh = Ssh(id);
        var hive = new HiveConfiguration(id, BaseImage(), Software(system.Locale), system, ssh, Accounts(), Network(system.Timezone),
            Firewall(ssh), Vpn(id), Encryption(), SensorManager(), Monitoring(), Database(), Maintenance(), Output(), project.Files, project.Services)
        {
            ValidationRules = read.Named("validation.rules") is { Count: > 0 } rules ? rules : null,
        };
        Publish = PublishOf();
        CheckPorts(hive);
        CheckNetworks(hive);
        WarnOfWhatHasNoEffect();
        return hive;
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
        if (!read.IsSet("hive_id") && Values.HiveId(project.Name) is null)
            return read.Derive("hive_id", project.Name, "the name of the project or file");
        return read.Required("hive_id", $"the name {project.Name} is no hive id either");
    }

    private SystemConfiguration SystemOf(string id)
    {
        var derived = Hostname(read.Text("system.hostname_prefix") ?? "hive", id);
        var hostname = read.Derive("system.hostname", derived, "system.hostname_prefix and hive_id");
        return new SystemConfiguration(hostname, read.Text("system.timezone") ?? "", read.Text("system.locale") ?? "", read.Text("system.keyboard") ?? "",
            [.. read.List("system.time_servers").Select(s => s.Text)]);
    }

    private OutputConfiguration Output() => new(read.Text("output.naming_template") ?? "", read.Text("output.download_server"));

    private PublishConfiguration PublishOf()
    {
        var upload = read.Flag("output.upload") ?? false;
        if (upload && !read.IsSet("output.upload_url") && !read.IsSet("publish.url"))
            read.Error(DiagnosticCode.MissingValue, "output.upload_url is missing: output.upload is true.", "output.upload");
        return new PublishConfiguration(PublishUrl() ?? (upload ? read.Text("output.upload_url") : null), read.Text("publish.user"), read.Secret("publish.password"),
            read.Secret("publish.ssh_key"), read.Secret("publish.ssh_key_passphrase"), read.Text("publish.host_key"), read.Text("publish.endpoint"), read.Text("publish.region"),
            read.WholeNumber("publish.keep"), read.Flag("publish.allow_secrets") ?? false, [.. read.List("publish.encrypt_to").Select(Recipient)], read.Text("output.download_server"));
    }

    // A path is relative to the file that names it; from elsewhere, to the project.
    private string? PublishUrl()
        => read.Value("publish.url") is not { Valid: true, Text: { } text } value ? null
            : text.Contains("://", StringComparison.Ordinal) ? text
            : new Uri(ConfigurationReader.FullPath(text, value.Place ?? project.Place)).AbsoluteUri;

    private string Recipient((string Text, SourceLocation Place) given)
    {
        if (given.Text.StartsWith("age1", StringComparison.Ordinal) || given.Text.StartsWith("ssh-", StringComparison.Ordinal))
            return given.Text;
        var path = ConfigurationReader.FullPath(given.Text, given.Place);
        if (!File.Exists(path))
            read.Error(DiagnosticCode.InvalidValue, $"publish.encrypt_to has \"{given.Text}\", expected a recipient of age or the path of an OpenPGP public key.", given.Place);
        return path;
    }

    private string? Folder(string key)
        => read.Value(key) is { Valid: true, Text: { } path, Place: { } place } ? ConfigurationReader.FullPath(path, place) : null;

    private void WarnOfWhatHasNoEffect()
    {
        if (read.IsSet("output.upload_url") && !(read.Flag("output.upload") ?? false))
            read.Warning(DiagnosticCode.NoEffectYet, "output.upload_url has no effect: output.upload is not true.", "output.upload_url");
    }

    // MSBuild has no place for these inside an item: they stand in the project.
    private void CheckProjectItems()
    {
        void Check(string item, string name, string? value, Func<string, string?> check)
        {
            if (value is not null && check(value) is { } expected)
                read.Error(DiagnosticCode.InvalidValue, $"{item}: {name} is \"{value}\", expected {expected}.", project.Place);
        }

        foreach (var file in project.Files)
        {
            var item = $"W4bFile {Path.GetFileName(file.Source)}";
            if (!File.Exists(file.Source))
                read.Error(DiagnosticCode.InvalidValue, $"The W4bFile {file.Source} does not exist.", project.Place);
            Check(item, "TargetPath", file.TargetPath, Values.TargetPath);
            Check(item, "Mode", file.Mode, Values.Mode);
            Check(item, "Owner", file.Owner, Values.Owner);
        }

        foreach (var service in project.Services)
            Check("W4bService", "the unit", service, Values.Unit);
        foreach (var package in project.Packages)
            Check("W4bPackage", "the package", package, Values.Package);
        foreach (var script in project.Scripts.Where(s => !File.Exists(s)))
            read.Error(DiagnosticCode.InvalidValue, $"The W4bScript {script} does not exist.", project.Place);
    }

    [GeneratedRegex("[^a-z0-9-]+")]
    private static partial Regex NotInHostName();
}

using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>The base image and the software layer.</summary>
internal sealed partial class ConfigurationBuilder
{
    private BaseImageConfiguration BaseImage()
    {
        var model = Values.ReadPiModel(read.Text("base_image.model") ?? "") ?? 0;
        var architecture = read.Text("base_image.architecture") ?? "";
        var version = read.Text("base_image.version");
        var url = Url(version);
        var distribution = read.Derive("base_image.distribution",
            url is not null || (version is not null && ReleaseDate().IsMatch(version)) ? "raspios" : "debian", "base_image.url and base_image.version");

        if (url is var (text, key))
            return new(model, architecture, Download(text, key), null);
        if (distribution == "raspios")
        {
            var release = RaspberryPiOsReleases.Find(version ?? "", architecture);
            if (release is null && read.Value("base_image.version").Valid)
                read.Error(DiagnosticCode.InvalidValue,
                    $"Raspberry Pi OS {version ?? "without base_image.version"} for {architecture} is not in the table of known releases "
                    + $"({RaspberryPiOsReleases.Names}); any other is given by base_image.url and base_image.checksum.", "base_image.version");
            else if (read.IsSet("base_image.checksum") && Values.ReadSha256(read.Text("base_image.checksum") ?? "") is { } given && given != release?.Sha256)
                read.Error(DiagnosticCode.InvalidValue, $"base_image.checksum is {given}, but Raspberry Pi OS {version} has {release?.Sha256}.", "base_image.checksum");
            return new(model, architecture, release, null);
        }

        var suite = read.Derive("base_image.version", "trixie", "default");
        if (!SuiteName().IsMatch(suite))
            read.Error(DiagnosticCode.InvalidValue, $"base_image.version is \"{suite}\", expected a Debian suite such as trixie.", "base_image.version");
        return new(model, architecture, null,
            new DebianConfiguration(suite, read.Text("base_image.mirror"), Packages("base_image.packages", [])));
    }

    private (string Url, string Key)? Url(string? version)
    {
        if (read.Text("base_image.url") is { } url)
            return (url, "base_image.url");
        if (read.Text("base_image.url_template") is not { } template)
            return null;
        if (version is null)
            read.Error(DiagnosticCode.MissingValue, "base_image.version is missing: base_image.url_template needs it.", "base_image.url_template");
        return (template.Replace(Values.VersionPlaceholder, version, StringComparison.Ordinal), "base_image.url_template");
    }

    private DownloadConfiguration Download(string url, string key)
    {
        var checksum = read.Required("base_image.checksum",
            "an image is only used when its sha256 is known; its publisher gives it, for Raspberry Pi OS at the URL plus .sha256");
        var absolute = url.Contains("://", StringComparison.Ordinal) ? url : new Uri(ConfigurationReader.FullPath(url, read.Place(key))).AbsoluteUri;
        return new DownloadConfiguration(absolute, Values.ReadSha256(checksum) ?? "");
    }

    private SoftwareConfiguration Software(string locale)
    {
        var scripts = read.List("software.scripts").Select(s => ExistingFile("software.scripts", s.Text, s.Place)).Concat(project.Scripts).ToList();
        read.Files.AddRange(project.Scripts);
        var requirements = read.Text("software.python_requirements.file") is { } file
            ? ExistingFile("software.python_requirements.file", file, read.Place("software.python_requirements.file")) : null;
        return new SoftwareConfiguration(Packages("software.packages", project.Packages), scripts, [locale],
            Values.ReadSize(read.Text("image.size") ?? "0") ?? 0, [.. read.Mappings("software.repositories").Select(Repository)],
            [.. read.List("software.python_packages").Select(p => p.Text)], requirements, Wheels(), read.Text("software.python_index"), Components());
    }

    private string? Wheels()
    {
        if (read.Text("software.python_wheels") is not { } path)
            return null;
        var folder = ConfigurationReader.FullPath(path, read.Place("software.python_wheels"));
        if (!Directory.Exists(folder))
            read.Error(DiagnosticCode.InvalidValue, $"software.python_wheels: the folder {folder} does not exist.", "software.python_wheels");
        else
            read.Files.AddRange(Directory.GetFiles(folder));
        return folder;
    }

    private List<ComponentConfiguration> Components()
    {
        var components = new List<ComponentConfiguration>();
        foreach (var source in project.Components)
        {
            try
            {
                components.Add(ComponentResolver.Resolve(source, project.Place));
            }
            catch (W4bException e)
            {
                foreach (var error in e.Diagnostics)
                    read.Error(error.Code, error.Message, project.Place);
            }
        }

        foreach (var twice in components.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            read.Error(DiagnosticCode.InvalidValue, $"Two items W4bComponent have the name {twice.Key}; Name=\"…\" gives another.", project.Place);
        return [.. components.OrderBy(c => c.Name, StringComparer.Ordinal)];
    }

    private RepositoryConfiguration Repository(string key)
    {
        var keyFile = read.Required($"{key}.key", "packages are only installed when their repository's signing key is known");
        return new RepositoryConfiguration(read.Required($"{key}.url", "a repository is found at a URL"), read.Text($"{key}.suite"),
            read.List($"{key}.components") is { Count: > 0 } components ? [.. components.Select(c => c.Text)] : ["main"],
            keyFile.Length == 0 ? "" : ExistingFile($"{key}.key", keyFile, read.Place($"{key}.key")));
    }

    // Sorted, so that another order of the same packages is the same layer.
    private IReadOnlyList<string> Packages(string key, IReadOnlyList<string> more)
    {
        foreach (var (text, place) in read.List(key))
            PackagePlaces.TryAdd(text, place);
        return [.. read.List(key).Select(p => p.Text).Concat(more).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private string ExistingFile(string key, string path, SourceLocation place)
    {
        var full = ConfigurationReader.FullPath(path, place);
        if (!File.Exists(full))
            read.Error(DiagnosticCode.InvalidValue, $"{key}: the file {full} does not exist.", place);
        read.Files.Add(full);
        return full;
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}\z")]
    private static partial Regex ReleaseDate();

    [GeneratedRegex(@"^[a-z][a-z0-9-]*\z")]
    private static partial Regex SuiteName();
}

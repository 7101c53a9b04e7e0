using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>The software layer.</summary>
internal sealed partial class ConfigurationBuilder
{
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
        var keyPath = keyFile.Length == 0 ? "" : ExistingFile($"{key}.key", keyFile, read.Place($"{key}.key"));
        if (File.Exists(keyPath) && !IsOpenPgpKey(keyPath))
            read.Error(DiagnosticCode.InvalidValue, $"{key}.key: {keyPath} is no OpenPGP public key, as publishers of repositories give it.", $"{key}.key");
        return new RepositoryConfiguration(read.Required($"{key}.url", "a repository is found at a URL"), read.Text($"{key}.suite"),
            read.List($"{key}.components") is { Count: > 0 } components ? [.. components.Select(c => c.Text)] : ["main"],
            keyPath);
    }

    // Armored, or its first packet: a public key's, RFC 9580.
    private static bool IsOpenPgpKey(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return bytes.AsSpan().StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----"u8) || bytes is [0x98 or 0x99 or 0x9a or 0xc6, ..];
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
}

using W4b.Image.Configuration;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;

namespace W4b.Image.Steps;

/// <summary>What <see cref="ReadConfigurationStep"/> reads.</summary>
/// <param name="ConfigFile">The YAML file, full path.</param>
/// <param name="ProjectFile">The project, full path.</param>
/// <param name="Overrides">Values from the command line, the environment and the project.</param>
/// <param name="Packages">Packages of the project's items.</param>
/// <param name="Files">Files of the project's items.</param>
/// <param name="Scripts">Scripts of the project's items, full paths.</param>
/// <param name="Services">Units of the project's items.</param>
/// <param name="ObjFolder">The folder for what is written, full path.</param>
public sealed record ConfigurationRequest(string ConfigFile, string ProjectFile, IReadOnlyList<SettingOverride> Overrides,
    IReadOnlyList<string> Packages, IReadOnlyList<ProjectFile> Files, IReadOnlyList<string> Scripts, IReadOnlyList<string> Services,
    string ObjFolder)
{
    /// <summary>What the project calls the hive: its id unless something says another.</summary>
    public string Name { get; init; } = Path.GetFileNameWithoutExtension(ProjectFile);

    /// <summary>Components of the project's items.</summary>
    public IReadOnlyList<ComponentSource> Components { get; init; } = [];

    internal ProjectInputs Project => new(Name, new SourceLocation(ProjectFile), Packages, Files, Scripts, Services) { Components = Components };
}

/// <summary>YAML, properties and environment become the files that the later steps depend on.</summary>
public static class ReadConfigurationStep
{
    /// <summary>
    /// Writes, each only when it differs: <c>image.json</c> (everything), <c>base.json</c> (what the base image depends on),
    /// <c>software.json</c> (what the software layer depends on), <c>publish.json</c> (how it is published), <c>output.path</c> and <c>cache.path</c> (these
    /// folders where the YAML names them, else nothing), <c>inputs.json</c> (for the provenance), <c>cache.json</c> (the cache's limits) and
    /// <c>dependencies.txt</c> (the files that were read, one a
    /// line, and a path that never exists when the environment was read). Writes <c>configuration.stamp</c> last.
    /// </summary>
    /// <exception cref="W4bException">With every error found.</exception>
    public static void Run(ConfigurationRequest request, IBuildLog log)
    {
        var reader = new ConfigurationReader(YamlSource.Load(request.ConfigFile), request.Overrides);
        var builder = new ConfigurationBuilder(reader, request.Project);
        var configuration = builder.Build();

        foreach (var warning in reader.Warnings)
            log.Warning(warning);
        if (reader.Errors.Count > 0)
            throw new W4bException(reader.Errors);

        MakeMissingKeys(configuration, request.ProjectFile, reader, log);
        if (reader.Errors.Count > 0)
            throw new W4bException(reader.Errors);
        configuration = WithRequiredPackages(configuration, reader, builder.PackagePlaces);
        Directory.CreateDirectory(request.ObjFolder);
        configuration = configuration with
        {
            EnvironmentFingerprint = SecretFingerprint.Of(reader.Secrets, request.ObjFolder),
        };
        string Output(string name) => Path.Combine(request.ObjFolder, name);
        ContentFile.WriteWhenDifferent(Output("image.json"), ImageJson.Write(configuration));
        ContentFile.WriteWhenDifferent(Output("base.json"), ImageJson.Write(configuration.Base with { PiModel = 0 }));
        ContentFile.WriteWhenDifferent(Output("software.json"),
            ImageJson.Write(new SoftwareInputs(configuration.Base.Architecture, configuration.Software)));
        ContentFile.WriteWhenDifferent(Output("publish.json"), ImageJson.Write(builder.Publish));
        ContentFile.WriteWhenDifferent(Output("output.path"), builder.Folders.Output ?? "");
        ContentFile.WriteWhenDifferent(Output("cache.path"), builder.Folders.Cache ?? "");
        ContentFile.WriteWhenDifferent(Output(BuildInputs.FileName), ImageJson.Write(Inputs(request, configuration, reader)));
        CacheLimitsFile.Write(request.ObjFolder, builder.CacheLimits);
        PackagePlaces.Write(request.ObjFolder, builder.PackagePlaces);
        var dependencies = reader.Files.Distinct().ToList();
        if (reader.ReadsEnvironment)
            dependencies.Add(Output("environment-was-read"));
        ContentFile.WriteWhenDifferent(Output("dependencies.txt"), string.Concat(dependencies.Select(d => d + "\n")));
        ContentFile.WriteAtomically(Output("configuration.stamp"), "");
        var record = new StageRecord(request.ObjFolder, "ReadImageConfiguration",
        [
            .. reader.Files.Append(request.ProjectFile).Distinct().Select(f => StageInputs.OfFile($"file {Path.GetRelativePath(Path.GetDirectoryName(request.ProjectFile)!, f)}", f, request.ObjFolder)),
            .. request.Overrides.Select(o => new StageInput("W4b" + o.Name, StageInputs.Shown(o.Value, request.ObjFolder))), new("W4bPackage", string.Join(' ', request.Packages)),
            new("W4bService", string.Join(' ', request.Services)),
        ]);
        record.Explain(log);
        record.Complete();
        log.Info($"{configuration.HiveId}: host name {configuration.System.Hostname}, Raspberry Pi {configuration.Base.PiModel}, "
            + $"{configuration.Software.Packages.Count} packages.");
    }

    private static BuildInputs Inputs(ConfigurationRequest request, HiveConfiguration hive, ConfigurationReader reader)
    {
        var folder = Path.GetDirectoryName(request.ProjectFile)!;
        var secrets = reader.Secrets.ToList();
        var secretFiles = secrets.Where(s => s.Origin == SecretOrigin.File).Select(s => s.Reference).ToHashSet(StringComparer.Ordinal);
        // By its hash a short secret could be guessed. A file with a mode of its own that others cannot read may be one.
        var hidden = secrets.Where(s => s.Origin == SecretOrigin.Literal).Select(s => s.Location.File)
            .Concat(hive.Files.Where(f => f.Mode is { Length: > 0 } mode && !mode.EndsWith('4') && !mode.EndsWith('5')).Select(f => f.Source)).ToHashSet(StringComparer.Ordinal);
        var files = reader.Files.Concat(hive.Files.Select(f => f.Source)).Append(request.ProjectFile).Distinct(StringComparer.Ordinal)
            .Where(f => !secretFiles.Contains(f) && !f.StartsWith(request.ObjFolder, StringComparison.Ordinal) && File.Exists(f))
            .Select(f => new InputFile(Path.GetRelativePath(folder, f), hidden.Contains(f) ? null : ContentFile.Sha256OfFile(f)));
        return new BuildInputs(Path.GetFileName(request.ProjectFile),
            request.Overrides.Where(o => o.Name is not ("OutputDirectory" or "CacheDirectory")).OrderBy(o => o.Name, StringComparer.Ordinal).ToDictionary(o => "W4b" + o.Name, o => o.Value, StringComparer.Ordinal),
            [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    // Those that the configuration leaves to the build.
    private static void MakeMissingKeys(HiveConfiguration hive, string projectFile, ConfigurationReader reader, IBuildLog log)
    {
        void Make(Secret? key, string name, Func<string> create)
        {
            if (key is null || key.Reference != KeyFolder.PathOf(projectFile, hive.HiveId, name))
                return;
            if (KeyFolder.MakeMissing(key.Reference, create))
                log.Info($"Made the key {key.Reference}. Keep it: with another one the hive is another device.");
            reader.Files.Add(key.Reference);
        }

        Make(hive.Vpn?.PrivateKey, "wireguard.key", () => WireGuardKey.New() + "\n");
        Make(hive.Ssh.HostKey, "ssh_host_ed25519_key", SshHostKey.New);
        if (hive.Vpn is { PrivateKey: { } own, PublicKey: { } hub } && WireGuardKey.PublicOf(own.Resolve()) == hub)
            reader.Error(DiagnosticCode.InvalidValue, "security.vpn.public_key is the hive's own public key, expected the hub's.", "security.vpn.public_key");
        if (hive.Ssh.HostKey is { } host && SshHostKey.PublicOf(host.Resolve() + "\n", "") is null)
            reader.Error(DiagnosticCode.InvalidValue, "security.ssh.private_key is no Ed25519 key in OpenSSH's form without a passphrase, which a host key has to be: ssh-keygen -t ed25519 -N ''.",
                "security.ssh.private_key");
    }

    private static HiveConfiguration WithRequiredPackages(HiveConfiguration hive, ConfigurationReader reader, Dictionary<string, SourceLocation> places)
    {
        var required = RequiredPackages.Of(hive);
        foreach (var package in required)
            places.TryAdd(package.Name, reader.Place(package.Key));
        var packages = hive.Software.Packages.Union(required.Select(p => p.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return hive with { Software = hive.Software with { Packages = [.. packages] } };
    }
}

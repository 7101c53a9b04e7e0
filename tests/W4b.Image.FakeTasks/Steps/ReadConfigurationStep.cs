using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: <see cref="FakeConfiguration"/> -> image.json, base.json, software.json, dependencies.txt.</summary>
public static class ReadConfigurationStep
{
    /// <summary>As in the real domain.</summary>
    public static void Run(ConfigurationRequest request, IBuildLog log)
    {
        if (!File.Exists(request.ConfigFile))
            throw DiagnosticCode.ConfigurationMissing.Error($"The file {request.ConfigFile} does not exist.", new SourceLocation(request.ProjectFile));
        var configuration = FakeConfiguration.Read(request.ConfigFile);
        configuration.Run("ReadConfiguration", log);
        if (configuration["warn"] is { Length: > 0 } text)
            log.Warning(new Diagnostic(DiagnosticCode.UnknownKey, text, new SourceLocation(request.ConfigFile, 2, 1)));

        var settings = string.Concat(request.Overrides.Select(o => $"override.{o.Name}: {o.Value} from {o.Source}\n"));
        var files = string.Concat(request.Files.Select(f => $"file.{f.TargetPath}: {f.Source} {f.Mode} {f.Owner}\n"));
        var common = $"fail: {configuration["fail"]}\nsecret: {configuration["secret"]}\n";
        var meeting = configuration["meets"].Length == 0 ? "" : $"own: {request.ConfigFile}\nother: {Path.Combine(Path.GetDirectoryName(request.ConfigFile)!, configuration["meets"])}\n";
        var software = $"base: {configuration["base"]}\nsoftware: {configuration["software"]}\npackages: {string.Join(' ', request.Packages)}\n"
            + string.Concat(request.Scripts.Select(script => $"script.{script}: {File.ReadAllText(script)}\n"));
        Directory.CreateDirectory(request.ObjFolder);
        FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, "base.json"), $"base: {configuration["base"]}\n{common}");
        FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, "software.json"), software + common);
        FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, "image.json"),
            $"{software}hive: {configuration["hive"]}\nservices: {string.Join(' ', request.Services)}\n{settings}{files}{meeting}{common}");
        FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, "publish.json"), $"publish: {configuration["publish"]}\n{common}");
        foreach (var folder in new[] { "output", "cache" })
            FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, folder + ".path"),
                configuration[folder].Length == 0 ? "" : Path.GetFullPath(configuration[folder], Path.GetDirectoryName(request.ConfigFile)!));
        FakeConfiguration.WriteWhenDifferent(Path.Combine(request.ObjFolder, "dependencies.txt"),
            request.ConfigFile + (configuration["reads"] == "environment" ? "\n/nonexistent/environment\n" : "\n"));
    }
}

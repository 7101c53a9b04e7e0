using W4b.Image.Configuration;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>What a hive is configured to be, and why.</summary>
public static class ShowConfigurationStep
{
    /// <summary>Every value with its source, secrets as <c>***</c>. Secrets are not read; what is wrong is told as by a build.</summary>
    /// <param name="request">As for a build; nothing is written.</param>
    /// <param name="json">As JSON, else as a table.</param>
    /// <param name="log">Receives the warnings.</param>
    /// <exception cref="W4bException">The YAML cannot be read at all.</exception>
    public static (string Text, IReadOnlyList<Diagnostic> Errors) Run(ConfigurationRequest request, bool json, IBuildLog log)
    {
        var reader = new ConfigurationReader(YamlSource.Load(request.ConfigFile), request.Overrides, readSecrets: false);
        _ = new ConfigurationBuilder(reader, request.Project).Build();
        foreach (var warning in reader.Warnings)
            log.Warning(warning);
        var entries = ConfigurationListing.Of(reader, request.Project);
        return (json ? ConfigurationListing.Json(entries) : ConfigurationListing.Table(entries), reader.Errors);
    }
}

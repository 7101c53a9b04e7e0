using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: the file's lines.</summary>
public static class ShowConfigurationStep
{
    /// <summary>As in the real domain.</summary>
    public static (string Text, IReadOnlyList<Diagnostic> Errors) Run(ConfigurationRequest request, bool json, IBuildLog log)
        => ((json ? "[]\n" : "") + File.ReadAllText(request.ConfigFile) + string.Concat(request.Overrides.Select(o => $"{o.Name}  {o.Value}  {o.Source}\n")), []);
}

using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Shows every value of the configuration with where it comes from; secrets as <c>***</c>.</summary>
public sealed class ShowConfiguration : ConfigurationTask
{
    /// <summary><c>table</c> or <c>json</c>; empty is <c>table</c>.</summary>
    public string Format { get; set; } = "";

    /// <summary>Absolute path of the file to write.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        if (Format is not ("" or "table" or "json"))
            throw DiagnosticCode.InvalidValue.Error($"W4bFormat is {Format}, expected table or json.", new SourceLocation(ProjectFile));
        var (text, errors) = ShowConfigurationStep.Run(Request, Format == "json", log);
        ContentFile.WriteAtomically(OutputFile, text);
        // One message: the lines of hives that are shown at the same time do not mix.
        Log.LogMessage(MessageImportance.High, "{0}", Format == "json" ? text : $"{ConfigFile}\n\n{text}");
        return errors.Count == 0 ? Task.CompletedTask : throw new W4bException(errors);
    }
}

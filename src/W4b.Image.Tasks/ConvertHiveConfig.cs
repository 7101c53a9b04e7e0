using System.Globalization;
using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Converts the hive configuration manager's file into an image's YAML.</summary>
public sealed class ConvertHiveConfig : W4bTask
{
    /// <summary>Absolute path of the manager's file.</summary>
    [Required]
    public string HiveConfigFile { get; set; } = "";

    /// <summary>Absolute path of the YAML to write. Its secrets go into files beside it.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <summary>Whether a YAML that is there may be replaced.</summary>
    public bool Overwrite { get; set; }

    /// <summary>The Raspberry Pi, 3, 4 or 5; empty leaves it to the default.</summary>
    public string PiModel { get; set; } = "";

    /// <summary>Absolute path of the list of files that the result depends on, to write; empty for none.</summary>
    public string DependenciesFile { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        var result = ConvertHiveConfigStep.Run(new ConversionRequest(HiveConfigFile, OutputFile, Overwrite, ParseModel()), log);
        if (DependenciesFile.Length > 0)
            // What was written too: when one of these files is missing, the conversion runs again.
            ContentFile.WriteWhenDifferent(DependenciesFile, string.Concat([.. result.Read.Concat(result.Written).Select(file => file + "\n"),
                result.ReadsEnvironment ? DependenciesFile + ".environment-was-read\n" : ""]));
        return Task.CompletedTask;
    }

    private int? ParseModel()
        => PiModel.Length == 0 ? null
            : int.TryParse(PiModel.Replace("pi", "", StringComparison.OrdinalIgnoreCase), NumberStyles.None, CultureInfo.InvariantCulture, out var model) ? model
            : throw DiagnosticCode.InvalidValue.Error($"W4bPiModel is {PiModel}, expected 3, 4 or 5.", new SourceLocation(ProjectFile));
}

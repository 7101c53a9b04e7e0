using W4b.Image.Configuration.HiveManager;
using W4b.Image.Diagnostics;
using YamlDotNet.Serialization;

namespace W4b.Image.Steps;

/// <summary>What <see cref="ConvertHiveConfigStep"/> converts.</summary>
/// <param name="HiveConfigFile">The hive configuration manager's file, full path.</param>
/// <param name="OutputFile">The YAML to write, full path.</param>
/// <param name="Overwrite">Whether one that is there may be replaced.</param>
/// <param name="PiModel">The Raspberry Pi, 3, 4 or 5; null leaves it to the default.</param>
public sealed record ConversionRequest(string HiveConfigFile, string OutputFile, bool Overwrite, int? PiModel = null);

/// <summary>What <see cref="ConvertHiveConfigStep"/> read and wrote.</summary>
/// <param name="HiveId">The hive's id.</param>
/// <param name="Read">The files that were read.</param>
/// <param name="Written">The files that were written, the YAML last.</param>
/// <param name="ReadsEnvironment">Whether more than files was read, so that a change of it can be seen in none.</param>
public sealed record ConversionResult(string HiveId, IReadOnlyList<string> Read, IReadOnlyList<string> Written, bool ReadsEnvironment);

/// <summary>The hive configuration manager's YAML becomes an image's YAML.</summary>
public static class ConvertHiveConfigStep
{
    private const UnixFileMode PrivateFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly ISerializer s_serializer = new SerializerBuilder()
        .WithIndentedSequences()
        // Other readers take `on` for a truth.
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .DisableAliases()
        .WithNewLine("\n")
        .Build();

    /// <summary>
    /// Writes the YAML, and each secret into a file of mode 0600 beside it, to which the YAML refers. Equal input gives equal files.
    /// The YAML appears last and whole.
    /// </summary>
    /// <exception cref="W4bException">With every error found; <see cref="DiagnosticCode.OutputExists"/>.</exception>
    public static ConversionResult Run(ConversionRequest request, IBuildLog log)
    {
        if (!request.Overwrite && File.Exists(request.OutputFile))
            throw DiagnosticCode.OutputExists.Error($"{request.OutputFile} is there already.", new SourceLocation(request.OutputFile));
        var converted = HiveManagerFile.Read(request.HiveConfigFile, request.OutputFile, request.PiModel, log);
        var folder = Path.GetDirectoryName(request.OutputFile)!;
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        foreach (var (file, secret) in converted.Secrets)
        {
            var path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, PrivateFolder);
            ContentFile.WritePrivately(path, secret.Resolve() + "\n");
            written.Add(path);
        }

        ContentFile.WriteWhenDifferent(request.OutputFile, $"""
            # Converted from the hive manager's {Path.GetFileName(request.HiveConfigFile)} by ConvertHiveConfig.
            {s_serializer.Serialize(converted.Values)}
            """);
        log.Info($"{converted.HiveId}: {request.OutputFile}, {converted.Secrets.Count} secrets in files beside it.");
        return new ConversionResult(converted.HiveId, converted.Files, [.. written, request.OutputFile], converted.ReadsEnvironment);
    }
}

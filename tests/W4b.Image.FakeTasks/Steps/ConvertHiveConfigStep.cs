using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>As in the real domain.</summary>
public sealed record ConversionRequest(string HiveConfigFile, string OutputFile, bool Overwrite, int? PiModel = null);

/// <summary>As in the real domain.</summary>
public sealed record ConversionResult(string HiveId, IReadOnlyList<string> Read, IReadOnlyList<string> Written, bool ReadsEnvironment);

/// <summary>The fake domain: the same content, whose secret goes into a file.</summary>
public static class ConvertHiveConfigStep
{
    /// <summary>As in the real domain.</summary>
    public static ConversionResult Run(ConversionRequest request, IBuildLog log)
    {
        if (!request.Overwrite && File.Exists(request.OutputFile))
            throw DiagnosticCode.OutputExists.Error($"{request.OutputFile} is there already.", new SourceLocation(request.OutputFile));
        var configuration = FakeConfiguration.Read(request.HiveConfigFile);
        configuration.Run("Convert", log);
        var secret = Path.Combine(Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(request.OutputFile)!, "secrets")).FullName, "secret");
        FakeConfiguration.WriteWhenDifferent(secret, configuration["secret"]);
        FakeConfiguration.WriteWhenDifferent(request.OutputFile,
            string.Concat(configuration.Values.Where(pair => pair.Key != "secret").Select(pair => $"{pair.Key}: {pair.Value}\n")));
        return new ConversionResult(configuration["hive"], [request.HiveConfigFile], [secret, request.OutputFile], false);
    }
}

using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>
/// What a stage of a project's build was last made from, so that its next run can say which input differs. It decides nothing:
/// whether a stage runs is MSBuild's and the cache's matter.
/// </summary>
/// <param name="objFolder">The project's folder for what the build hands on.</param>
/// <param name="stage">The stage.</param>
/// <param name="inputs">What it depends on now.</param>
internal sealed class StageRecord(string objFolder, string stage, IReadOnlyList<StageInput> inputs)
{
    private string Path => PathOf(objFolder, stage);

    /// <summary>Says in one line why the stage runs.</summary>
    public void Explain(IBuildLog log)
        => log.Info(Last(objFolder, stage) is not { } last ? $"{stage} runs: for the first time in this folder."
            : InputChanges.Describe(last, inputs) is { } change ? $"{stage} runs: {change}."
            : $"{stage} runs: its inputs are the same, but its result is gone or was not finished.");

    /// <summary>Notes that the stage's result is there, made from these inputs.</summary>
    public void Complete()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        ContentFile.WriteAtomically(Path, ImageJson.Write(inputs));
    }

    /// <summary>The inputs of the last run of a stage that succeeded; null when there was none.</summary>
    public static IReadOnlyList<StageInput>? Last(string objFolder, string stage)
    {
        try
        {
            return ImageJson.Read<List<StageInput>>(PathOf(objFolder, stage));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private static string PathOf(string objFolder, string stage) => System.IO.Path.Combine(objFolder, "inputs", stage + ".json");
}

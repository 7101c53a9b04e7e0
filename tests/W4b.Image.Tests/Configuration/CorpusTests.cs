using System.Globalization;
using System.Runtime.CompilerServices;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Configuration;

/// <summary>
/// The files in Corpus/. Beside each <c>invalid-x.yaml</c>, <c>invalid-x.expected</c> has a line for every finding, errors and warnings:
/// code, line, column, and the file when it is another. Beside each <c>valid-x.yaml</c> is its resolved form, written anew by
/// W4B_UPDATE_DOCS=1.
/// </summary>
public sealed class CorpusTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Invalid => [.. Names("invalid-")];

    public static TheoryData<string> Valid => [.. Names("valid-")];

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Each_mistake_is_told_at_its_place(string name)
    {
        var findings = new List<Diagnostic>();
        try
        {
            Read(name);
        }
        catch (W4bException e)
        {
            findings.AddRange(e.Diagnostics);
        }

        findings.AddRange(_log.Warnings.Where(w => w.Code != DiagnosticCode.NoEffectYet));
        Assert.All(findings, f => Assert.DoesNotContain("no message may tell it", f.Text, StringComparison.Ordinal));
        Assert.Equal(File.ReadAllLines(At(name + ".expected")).Order(StringComparer.Ordinal),
            findings.Select(f => Line(f, name)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void Each_valid_file_is_resolved_as_before(string name)
    {
        var hive = Read(name);
        Assert.DoesNotContain(_log.Warnings, w => w.Code != DiagnosticCode.NoEffectYet && w.Code != DiagnosticCode.NobodyLogsIn);
        var text = ImageJson.Write(hive with { EnvironmentFingerprint = null }).Replace(Folder, "…", StringComparison.Ordinal).Replace(_folder.Path, "…", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.WriteAllText(At(name + ".json"), text);
        Assert.Equal(File.ReadAllText(At(name + ".json")), text);
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.True(Names("invalid-").Count() >= 120);

    /// <summary>The folder of the corpus.</summary>
    internal static string Folder { get; } = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Corpus");

    private static string At(string name) => Path.Combine(Folder, name);

    private static string ThisFile([CallerFilePath] string file = "") => file;

    private static IEnumerable<string> Names(string prefix)
        => Directory.GetFiles(Folder, prefix + "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    private static string Line(Diagnostic finding, string name)
    {
        var place = finding.Location!;
        var file = Path.GetFileName(place.File);
        return string.Create(CultureInfo.InvariantCulture,
            $"{finding.Code.Id} {place.Line} {place.Column}{(file == name + ".yaml" ? "" : " " + file)}");
    }

    private HiveConfiguration Read(string name)
    {
        ReadConfigurationStep.Run(new ConfigurationRequest(At(name + ".yaml"), _folder["hive_project.w4bproj"], [], [], [], [], [], _folder["obj"]), _log);
        return ImageJson.Read<HiveConfiguration>(_folder["obj/image.json"]);
    }
}

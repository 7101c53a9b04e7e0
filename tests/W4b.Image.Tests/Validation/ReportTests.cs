using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using W4b.Image.Validation;
using W4b.Image.Validation.Reports;

namespace W4b.Image.Tests.Validation;

/// <summary>What a report says, for programs and people.</summary>
public sealed class ReportTests
{
    private static readonly ValidationReport Report = new("card.img",
    [
        new RuleResult(RuleCatalog.All[0].Info, RuleState.Kept, []),
        new RuleResult(RuleCatalog.All[1].Info, RuleState.Broken, [new RuleFinding("Inode 12 is damaged."), new RuleFinding("\"Quoted\" in a name.", "/etc/a file")]),
        new RuleResult(RuleCatalog.All[2].Info with { Severity = RuleSeverity.Warning }, RuleState.Broken, [new RuleFinding("A cluster is lost.", "/x")]),
        new RuleResult(RuleCatalog.All[3].Info, RuleState.NotApplicable, [], "there is none"),
    ]);

    [Fact]
    public void Sarif_is_valid_by_its_schema()
    {
        // OASIS' schema of SARIF 2.1.0.
        var schema = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Schemas/sarif-2.1.0.json");
        var sarif = SarifReport.Text(Report);
        var said = Sample.Pipe(Encoding.UTF8.GetBytes(sarif), "/usr/bin/python3", "-c",
            "import json, sys, jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1]))); print('valid')", schema);
        Assert.Equal("valid\n", Encoding.UTF8.GetString(said));
        // It is no schema that takes everything.
        Assert.ThrowsAny<Exception>(() => Sample.Pipe(Encoding.UTF8.GetBytes(sarif.Replace("\"ruleIndex\"", "\"rule\"", StringComparison.Ordinal)), "/usr/bin/python3", "-c",
            "import json, sys, jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))", schema));
    }

    [Fact]
    public void Sarif_tells_each_finding_with_its_rule_level_and_place()
    {
        using var sarif = JsonDocument.Parse(SarifReport.Text(Report));
        var results = sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray()
            .Select(r => $"{r.GetProperty("ruleId")} {r.GetProperty("kind")} {r.GetProperty("level")} {(r.TryGetProperty("locations", out var l) ? l[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri") : "")}");
        Assert.Equal(["W4BR001 pass none ", "W4BR002 fail error ", "W4BR002 fail error etc/a%20file", "W4BR003 fail warning x", "W4BR004 notApplicable none "], results);
    }

    [Fact]
    public void Table_has_a_line_a_rule_and_a_finding() => Assert.Equal("""
        W4BR001  partition-table   kept
        W4BR002  root-file-system  BROKEN     The root file system is sound (e2fsck): this is not so.
                   Inode 12 is damaged.
                   "Quoted" in a name.
        W4BR003  boot-file-system  warning    The boot file system is sound (fsck.vfat): this is not so.
                   A cluster is lost.
        W4BR004  free-space        -          there is none

        """, TableReport.Text(Report));

    [Fact]
    public void Only_errors_keep_an_image_from_being_released()
    {
        Assert.False(Report.Passed);
        Assert.True((Report with { Results = [.. Report.Results.Where(r => r.Rule.Id != "W4BR002")] }).Passed);
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;
}

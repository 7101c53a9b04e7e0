using W4b.Image.Diagnostics;
using W4b.Image.Inspection;
using W4b.Image.Validation;

namespace W4b.Image.Tests.Validation;

/// <summary>Rules of a project's own, and severities that it chooses.</summary>
public sealed class OwnRuleTests(RuleCard card) : IClassFixture<RuleCard>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_script_gets_names_packages_configuration_and_the_files_it_asks_for()
    {
        var result = await AskAsync("""
            cd "$1"
            grep -q "^/etc/hostname	f	644	0	0	7	$" files.tsv || echo "/etc/hostname: not as listed"
            grep -q "^sudo	arm64	install ok installed$" packages.tsv || echo no sudo
            grep -q '"hiveId": "hive_a"' hive.json || echo no hive
            test "$(cat root/etc/hostname)" = hive-a || echo no file
            test "$(find root -type f | sort | tr '\n' ' ')" = "root/etc/hostname root/etc/ssh/sshd_config.d/10-w4b.conf " || find root -type f
            echo "/etc/hostname: is too short"
            echo and something else
            exit 1
            """, files: "/etc/hostname; /etc/ssh/**/10-*.conf");
        Assert.Equal([new RuleFinding("/etc/hostname: is too short", "/etc/hostname"), new RuleFinding("and something else")], result.Findings);
        Assert.Equal((RuleState.Broken, "own", RuleSeverity.Error), (result.State, result.Rule.Id, result.Rule.Severity));
    }

    [Theory]
    [InlineData("echo fine; exit 0", RuleState.Kept)]
    [InlineData("echo there is no camera; exit 77", RuleState.NotApplicable)]
    [InlineData("exit 1", RuleState.Broken)]
    public async Task How_a_script_ends_is_what_it_says(string script, RuleState expected) => Assert.Equal(expected, (await AskAsync(script)).State);

    [Fact]
    public async Task A_script_that_fails_is_an_error_and_no_finding()
    {
        var error = await Assert.ThrowsAsync<W4bException>(() => AskAsync("echo oh no; exit 2"));
        Assert.Equal(DiagnosticCode.OwnRuleFailed, error.Diagnostics[0].Code);
        Assert.Contains("exit code 2: oh no", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_s_rules_look_at_the_image()
    {
        // This assembly has one: below.
        var rules = RuleSet.Create(new Dictionary<string, string>(), [new OwnRule(typeof(HostnameRule).Assembly.Location, "", "")], card.Log);
        using var image = CardImage.Open(await card.CopyAsync("assembly.img"));
        var results = await ImageValidator.CheckAsync(new RuleSubject(image, card.Log) { Project = RuleCard.Hive, ProjectPlan = RuleCard.Plan }, [.. rules.Where(r => r.Info.Id == "HIVE001")], quick: false, default);
        Assert.Equal("hive-a of hive_a is too short.", Assert.Single(Assert.Single(results).Findings).Message);
    }

    [Fact]
    public void What_is_no_rule_is_told()
    {
        var text = _folder.Write("text.dll", "no assembly");
        Assert.Equal(DiagnosticCode.OwnRuleFailed, Assert.Throws<W4bException>(() => Create([new OwnRule(text, "", "")])).Diagnostics[0].Code);
        Assert.Contains("no public class", Assert.Throws<W4bException>(() => Create([new OwnRule(typeof(YamlDotNet.Core.Parser).Assembly.Location, "", "")])).Message, StringComparison.Ordinal);
        Assert.Contains("expected error, warning or none", Assert.Throws<W4bException>(() => Create([new OwnRule("/x.sh", "fatal", "")])).Message, StringComparison.Ordinal);
        Assert.Contains("Two rules have the id x", Assert.Throws<W4bException>(() => Create([new OwnRule("/a/x.sh", "", ""), new OwnRule("/b/x.py", "", "")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Severities_are_chosen_by_id_or_name()
    {
        var rules = RuleSet.Create(new Dictionary<string, string> { ["world-writable"] = "warning", ["W4BR030"] = "none", ["own"] = "warning", ["frewall"] = "none" },
            [new OwnRule("/own.sh", "", "")], card.Log);
        Assert.Equal((RuleSeverity.Warning, RuleSeverity.None, RuleSeverity.Warning), (Of("world-writable"), Of("build-traces"), Of("own")));
        Assert.Contains(card.Log.Warnings, w => w.Code == DiagnosticCode.UnknownRule && w.Message.Contains("frewall", StringComparison.Ordinal) && w.Message.Contains("firewall is near", StringComparison.Ordinal));
        RuleSeverity Of(string name) => rules.Single(r => r.Info.Name == name).Info.Severity;
    }

    private IReadOnlyList<ImageRule> Create(IReadOnlyList<OwnRule> own) => RuleSet.Create(new Dictionary<string, string>(), own, card.Log);

    private async Task<RuleResult> AskAsync(string script, string files = "")
    {
        var rule = Create([new OwnRule(_folder.Write("own.sh", script), "", files)])[^1];
        using var image = CardImage.Open(await card.CopyAsync("own.img"));
        return Assert.Single(await ImageValidator.CheckAsync(new RuleSubject(image, card.Log) { Project = RuleCard.Hive, ProjectPlan = RuleCard.Plan }, [rule], quick: false, default));
    }
}

/// <summary>A user's rule, as in docs/validation.md.</summary>
public sealed class HostnameRule : IImageRule
{
    public RuleInfo Info { get; } = new("HIVE001", "hostname", RuleSeverity.Warning, "The host name is long enough", "Short names are taken.", "Choose a longer one.");

    public RuleOutcome Check(RuleSubject subject)
    {
        var name = subject.Image.Root["/etc/hostname"].ReadAllText().Trim();
        return RuleOutcome.Of(name.Length > 8 ? [] : [new RuleFinding($"{name} of {subject.Hive?.HiveId} is too short.", "/etc/hostname")]);
    }
}

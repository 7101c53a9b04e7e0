using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Steps;

public sealed class WhyItRanTests : IDisposable
{
    private const string Yaml = """
        hive_id: hive_a
        system: {timezone: Europe/Berlin}
        software: {packages: [nano]}
        services: {database: {type: postgresql, password: {file: password}}}

        """;

    private readonly TestFolder _folder = new();

    public WhyItRanTests() => _folder.Write("password", "correct horse");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_setting_is_named_with_its_old_and_new_value()
    {
        var before = Read(Yaml);
        Assert.Equal("system.timezone: Europe/Berlin -> Europe/Paris", InputChanges.Describe(before, Read(Yaml.Replace("Berlin", "Paris", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_list_says_what_came()
    {
        var before = Read(Yaml);
        Assert.Equal("software.packages: +htop", InputChanges.Describe(before, Read(Yaml.Replace("[nano]", "[nano, htop]", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_changed_secret_is_named_by_a_hash_that_nobody_can_guess_it_from()
    {
        var before = Read(Yaml);
        _folder.Write("password", "battery staple");
        var change = InputChanges.Describe(before, Read(Yaml))!;
        Assert.Matches("^database.password: [0-9a-f]{12} -> [0-9a-f]{12}$", change);
        Assert.DoesNotContain(ContentFile.Sha256("battery staple")[..12], change, StringComparison.Ordinal);
        Assert.DoesNotContain("staple", string.Join('\n', before.Concat(Read(Yaml))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_only_moved_in_the_YAML_has_not_changed()
    {
        var before = Read(Yaml);
        Assert.Null(InputChanges.Describe(before, Read("# A comment\n" + Yaml)));
    }

    [Fact]
    public void A_password_in_a_URL_is_shown_nowhere_and_a_change_of_it_is_seen()
    {
        const string url = "base_image: {url: 'https://keeper:hunter2@images.example/a.img', checksum: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'}\n";
        var before = Read(Yaml + url);
        var change = InputChanges.Describe(before, Read(Yaml + url.Replace("hunter2", "hunter3", StringComparison.Ordinal)))!;
        Assert.Matches("^base.download.url: https://images.example/a.img#[0-9a-f]{12} -> https://images.example/a.img#[0-9a-f]{12}$", change);
        Assert.DoesNotContain("hunter", string.Join('\n', before), StringComparison.Ordinal);
    }

    [Fact]
    public void The_stage_says_so_once_it_has_succeeded_before()
    {
        var log = new ListLog();
        new StageRecord(_folder.Path, "Stage", [new("a", "1")]).Explain(log);
        new StageRecord(_folder.Path, "Stage", [new("a", "1")]).Complete();
        new StageRecord(_folder.Path, "Stage", [new("a", "2")]).Explain(log);
        new StageRecord(_folder.Path, "Stage", [new("a", "1")]).Explain(log);
        Assert.Equal(["Stage runs: for the first time in this folder.", "Stage runs: a: 1 -> 2.", "Stage runs: its inputs are the same, but its result is gone or was not finished."],
            log.Lines);
    }

    [Fact]
    public void The_configuration_names_the_file_that_changed()
    {
        Read(Yaml);
        Assert.Contains(ReadWithLog(Yaml + "# end\n").Lines, l => l.StartsWith("ReadImageConfiguration runs: file hive.yaml: ", StringComparison.Ordinal));
    }

    private IReadOnlyList<StageInput> Read(string yaml)
    {
        ReadWithLog(yaml);
        return StageInputs.OfJson(_folder["obj/image.json"]);
    }

    private ListLog ReadWithLog(string yaml)
    {
        var log = new ListLog();
        ReadConfigurationStep.Run(new ConfigurationRequest(_folder.Write("hive.yaml", yaml), _folder["hive.w4bproj"], [], [], [], [], [], _folder["obj"]), log);
        return log;
    }
}

using W4b.Image.Configuration;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>Every sample of the repository is a configuration without a mistake.</summary>
[Trait("Category", "Build")]
public sealed class SampleTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "samples");

    // Each of these excludes others that the sample has, or is another name for one.
    private static readonly string[] Alternatives =
    [
        "base_image.url", "base_image.url_template", "base_image.checksum", "base_image.checksum_type", "base_image.mirror",
        "base_image.mirrors", "base_image.signature", "base_image.signing_keys", "publish.user", "publish.password", "publish.ssh_key",
        "publish.ssh_key_passphrase", "publish.host_key", "publish.endpoint", "publish.region", "publish.encrypt_to",
        "security.vpn.config", "software.repositories", "software.repositories[].url", "software.repositories[].suite",
        "software.repositories[].components", "software.repositories[].key", "software.python_index", "metadata.location",
        "location", "location.address", "location.latitude", "location.longitude", "location.timezone", "cache_dir",
    ];

    public static TheoryData<string> Projects
        => [.. Directory.GetFiles(s_folder, "*.w4bproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Sample_is_read_and_shown_without_a_warning(string sample)
    {
        var temporary = Directory.CreateTempSubdirectory("w4b-samples-").FullName;
        try
        {
            var log = Path.Combine(temporary, "build.binlog");
            var run = new Command(s_folder) { Environment = new Dictionary<string, string> { ["W4B_CACHE_DIR"] = Path.Combine(temporary, "cache") } }
                .Run("dotnet", "build", sample, "-t:ShowConfiguration;ReadImageConfiguration", $"-bl:{log}",
                    $"-p:BaseIntermediateOutputPath={temporary}/obj/", $"-p:W4bTasksAssembly={typeof(Image.Tasks.W4bTask).Assembly.Location}");
            Assert.True(run.ExitCode == 0, run.Output);
            var result = new BuildResult(run.ExitCode, run.Output, log);
            Assert.DoesNotContain(result.Warnings, warning => !IsExpected(warning));
            Assert.NotEmpty(Directory.GetFiles(temporary, "image.json", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    // The hive manager writes its secrets into its file, and git keeps no modes. A sample may show a setting that has no effect yet.
    private static bool IsExpected(Finding warning) => warning.Code switch
    {
        "W4B1007" => warning.File.EndsWith("manager.yaml", StringComparison.Ordinal),
        "W4B1011" => true,
        // The hive manager knows people, not their keys.
        "W4B1012" => warning.File.EndsWith("converted.yaml", StringComparison.Ordinal),
        _ => false,
    };

    [Fact]
    public void The_sample_with_everything_has_every_key()
    {
        var used = KeysOf(Path.Combine(s_folder, "everything/hive_everything.yaml"));
        Assert.Empty(Settings.All.Select(setting => setting.Key).Except(used).Except(Alternatives));
        Assert.Empty(Alternatives.Intersect(used));
    }

    private static HashSet<string> KeysOf(string file)
    {
        using var reader = new StreamReader(file);
        var yaml = new YamlDotNet.RepresentationModel.YamlStream();
        yaml.Load(reader);
        return [.. Keys(yaml.Documents[0].RootNode, "")];
    }

    private static SettingKind? Kind(string key) => Settings.All.FirstOrDefault(setting => setting.Key == key)?.Kind;

    private static IEnumerable<string> Keys(YamlDotNet.RepresentationModel.YamlNode node, string path) => node switch
    {
        YamlDotNet.RepresentationModel.YamlMappingNode mapping when Kind(path) != SettingKind.Secret
            => mapping.Children.SelectMany(child => Keys(child.Value, path.Length == 0 ? child.Key.ToString() : $"{path}.{(Kind(path + ".*") is null ? child.Key : "*")}")),
        YamlDotNet.RepresentationModel.YamlSequenceNode list when Kind(path) == SettingKind.Mappings
            => list.Children.SelectMany(child => Keys(child, path + "[]")).Append(path),
        _ => [path],
    };
}

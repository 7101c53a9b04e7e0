using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Layers;
using W4b.Image.Provenance;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Provenance;

/// <summary>What the provenance says of a build, and what it does not.</summary>
public sealed class ProvenanceTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inputs_have_hashes_and_secrets_have_none()
    {
        _folder.Write("motd", "hello\n");
        _folder.Write("private", "key\n");
        _folder.Write("keeper.password", "a password\n");
        _folder.Write("literal.yaml", "network: {country: DE, wifi: [{ssid: a, password: a literal one}]}\n");
        var inputs = Inputs("extends: literal.yaml\nhive_id: hive_a\nsecurity: {local_access: {username: keeper, password: {file: keeper.password}}}\n");

        Assert.Equal(["hive.yaml", "hive_project.w4bproj", "literal.yaml", "motd", "private"], inputs.Files.Select(f => f.Path));
        Assert.Equal(Sample.Sha256("hello\n"u8.ToArray()), inputs.Files.Single(f => f.Path == "motd").Sha256);
        Assert.Equal(["literal.yaml", "private"], inputs.Files.Where(f => f.Sha256 is null).Select(f => f.Path));
        Assert.Equal("{\"W4bPiModel\":\"5\"}", JsonSerializer.Serialize(inputs.Parameters));
    }

    [Fact]
    public void Statement_is_in_toto_s_with_slsa_s_provenance_and_the_same_in_every_folder()
    {
        string Statement()
        {
            var inputs = Inputs("hive_id: hive_a\n");
            var hive = ImageJson.Read<HiveConfiguration>(_folder["obj/image.json"]);
            return ImageJson.Write(ProvenanceStatement.Create([new ResourceDescriptor("a.img.xz", Digest: ProvenanceStatement.Sha256(new string('1', 64)))], inputs, hive,
                new LayerInfo(new string('2', 64), new string('3', 64), [new InstalledPackage("libstdc++6", "14.2.0-19", "arm64")]),
                new SourceRevision(new string('4', 40), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IsClean: false), "1.2.3"));
        }

        _folder.Write("motd", "hello\n");
        _folder.Write("private", "key\n");
        var text = Statement();
        Assert.DoesNotContain(_folder.Path, text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        Assert.Equal(("https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"), (root.GetProperty("_type").GetString(), root.GetProperty("predicateType").GetString()));
        Assert.Equal("a.img.xz", root.GetProperty("subject")[0].GetProperty("name").GetString());
        var predicate = root.GetProperty("predicate");
        Assert.Equal("pkg:nuget/W4b.Image.Sdk@1.2.3", predicate.GetProperty("runDetails").GetProperty("builder").GetProperty("id").GetString());
        var dependencies = predicate.GetProperty("buildDefinition").GetProperty("resolvedDependencies").EnumerateArray().ToList();
        Assert.Equal("false", dependencies.Single(d => d.GetProperty("name").GetString() == "source").GetProperty("annotations").GetProperty("clean").GetString());
        Assert.Equal("pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=arm64&distro=trixie", dependencies[^1].GetProperty("uri").GetString());
        // in-toto: each has a URI, a digest or content.
        Assert.All(dependencies, d => Assert.True(d.TryGetProperty("uri", out _) || d.TryGetProperty("digest", out _)));
    }

    private BuildInputs Inputs(string yaml)
    {
        _folder.Write("hive_project.w4bproj", "<Project />\n");
        var request = new ConfigurationRequest(_folder.Write("hive.yaml", yaml), _folder["hive_project.w4bproj"],
            [new SettingOverride("PiModel", "5", "-p:W4bPiModel"), new SettingOverride("CacheDirectory", _folder["cache"], "-p:W4bCacheDirectory")], [],
            [new ProjectFile(_folder["motd"], "/etc/motd", null, null), new ProjectFile(_folder["private"], "/etc/private", "0600", null)], [], [], _folder["obj"]);
        ReadConfigurationStep.Run(request, _log);
        return ImageJson.Read<BuildInputs>(_folder[$"obj/{BuildInputs.FileName}"]);
    }
}

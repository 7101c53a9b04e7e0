using W4b.Image.Configuration;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Configuration;

/// <summary>A hive's model, made from YAML as a build makes it, but that its secrets need not be there.</summary>
internal static class TestHive
{
    public static HiveConfiguration Read(string yaml)
    {
        using var folder = new TestFolder();
        var reader = new ConfigurationReader(YamlSource.Load(folder.Write("hive.yaml", yaml)), [], readSecrets: false);
        var hive = new ConfigurationBuilder(reader, new ProjectInputs("hive_test", new SourceLocation("hive_test.w4bproj"), [], [], [], [])).Build();
        Assert.Empty(reader.Errors);
        return hive;
    }
}

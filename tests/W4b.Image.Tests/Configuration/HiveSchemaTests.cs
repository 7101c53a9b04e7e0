using System.Text;
using W4b.Image.Configuration;

namespace W4b.Image.Tests.Configuration;

/// <summary>The JSON Schema, by an independent reader (Python's jsonschema): what is valid passes, and what it can know is refused.</summary>
public sealed class HiveSchemaTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Valid_files_and_samples_pass()
    {
        var files = Directory.GetFiles(CorpusTests.Folder, "valid-*.yaml").Concat(SampleFiles()).ToArray();
        Assert.True(files.Length > 6);
        Assert.Empty(Check(files));
    }

    [Theory]
    [InlineData("system: {ssh: {port: 70000}}")]
    [InlineData("system: {timezon: Etc/UTC}")]
    [InlineData("system: {ssh: {enabled: maybe}}")]
    [InlineData("network: {primary: lte}")]
    [InlineData("network: {wifi: {ssid: garden}}")]
    [InlineData("sensors: [{id: a, interface: {type: usb}}]")]
    [InlineData("security: {vpn: {private_key: {vault: a}}}")]
    [InlineData("software: {packages: {a: b}}")]
    public void What_a_schema_can_know_is_refused(string yaml) => Assert.NotEmpty(Check(_folder.Write("hive.yaml", yaml)));

    private static IEnumerable<string> SampleFiles()
        => Directory.GetFiles(Path.Combine(CorpusTests.Folder, "../../../../samples"), "*.yaml", SearchOption.AllDirectories)
            .Where(f => !f.Split('/').Any(part => part is "obj" or "bin" or "components") && Path.GetFileName(f) != "manager.yaml");

    private string Check(params string[] files)
        => Encoding.UTF8.GetString(Sample.Pipe([], "python3",
            [Path.Combine(CorpusTests.Folder, "../check-schema.py"), _folder.Write("schema.json", HiveSchema.Text()), .. files]));
}

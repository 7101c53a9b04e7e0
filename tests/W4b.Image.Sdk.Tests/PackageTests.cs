using System.IO.Compression;
using System.Xml.Linq;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class PackageTests(SdkPackage package)
{
    [Fact]
    public void Holds_the_sdk_and_the_tasks_with_what_they_need()
    {
        var entries = Entries();
        Assert.Equal(
            Directory.GetFiles(Path.Combine(Repository.Root, "sdk/targets")).Select(file => "targets/" + Path.GetFileName(file)).Order(),
            entries.Where(entry => entry.StartsWith("targets/", StringComparison.Ordinal)).Order());
        Assert.Equal(["Sdk/Sdk.props", "Sdk/Sdk.targets"], entries.Where(entry => entry.StartsWith("Sdk/", StringComparison.Ordinal)).Order());
        Assert.Contains("README.md", entries);
        Assert.Superset(
            new HashSet<string>(["W4b.Image.Tasks.dll", "W4b.Image.Tasks.deps.json", "W4b.Image.dll", "YamlDotNet.dll", "Scriban.Signed.dll", "SharpCompress.dll"]),
            Tools(entries).ToHashSet());
    }

    [Fact]
    public void Holds_nothing_that_hides_the_types_of_MSBuild_and_no_debug_files()
        => Assert.DoesNotContain(Tools(Entries()), file => file.StartsWith("Microsoft.Build", StringComparison.Ordinal) || Path.GetExtension(file) is ".pdb" or ".xml");

    [Fact]
    public void Is_an_sdk_without_dependencies()
    {
        using var archive = ZipFile.OpenRead(package.PackageFile);
        using var stream = archive.GetEntry("W4b.Image.Sdk.nuspec")!.Open();
        var nuspec = XDocument.Load(stream);
        string? Value(string element) => nuspec.Descendants().SingleOrDefault(e => e.Name.LocalName == element)?.Value;
        Assert.Equal("MSBuildSdk", nuspec.Descendants().Single(e => e.Name.LocalName == "packageType").Attribute("name")!.Value);
        Assert.Equal("true", Value("developmentDependency"));
        Assert.DoesNotContain(nuspec.Descendants(), e => e.Name.LocalName == "dependency");
    }

    [Fact]
    public void Is_the_same_when_packed_again()
    {
        var folder = Directory.CreateDirectory(Path.Combine(package.Folder, "again")).FullName;
        SdkPackage.Pack(folder);
        Assert.Equal(File.ReadAllBytes(package.PackageFile), File.ReadAllBytes(Directory.GetFiles(folder, "*.nupkg").Single()));
    }

    private List<string> Entries()
    {
        using var archive = ZipFile.OpenRead(package.PackageFile);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static IEnumerable<string> Tools(IEnumerable<string> entries)
        => entries.Where(entry => entry.StartsWith("tools/net10.0/", StringComparison.Ordinal)).Select(entry => entry["tools/net10.0/".Length..]);
}

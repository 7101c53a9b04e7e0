using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
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

    // An assembly with machine code in it says so by its header; a host of another kind could not load it.
    [Fact]
    public void Holds_the_tasks_once_for_all_hosts_and_once_compiled_ahead()
    {
        using var archive = ZipFile.OpenRead(package.PackageFile);
        bool IsCompiledAhead(string entry)
        {
            using var content = new MemoryStream();
            using (var stream = archive.GetEntry("tools/net10.0/" + entry)!.Open())
                stream.CopyTo(content);
            content.Position = 0;
            using var reader = new PEReader(content);
            return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        }

        var all = Tools(Entries()).Where(e => !e.StartsWith("linux-x64/", StringComparison.Ordinal)).ToList();
        Assert.All(all.Where(e => Path.GetExtension(e) == ".dll"), entry => Assert.False(IsCompiledAhead(entry), entry));
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return;
        Assert.Equal(all.Select(e => "linux-x64/" + e).Order(StringComparer.Ordinal), Tools(Entries()).Except(all).Order(StringComparer.Ordinal));
        Assert.All(["W4b.Image.Tasks.dll", "W4b.Image.dll", "YamlDotNet.dll", "Scriban.Signed.dll"], file => Assert.True(IsCompiledAhead("linux-x64/" + file), file));
    }

    [Fact]
    public void Holds_nothing_that_hides_the_types_of_MSBuild_and_no_debug_files()
        => Assert.DoesNotContain(Tools(Entries()), file => file.StartsWith("Microsoft.Build", StringComparison.Ordinal) || Path.GetExtension(file) is ".pdb" or ".xml" or ".partial");

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

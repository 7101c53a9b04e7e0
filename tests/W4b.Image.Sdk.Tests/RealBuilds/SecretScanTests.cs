using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>The secret scan over a whole build.</summary>
[Collection(ImageTests.Name)]
[Trait("Category", "Image")]
public sealed class SecretScanTests(SdkPackage package)
{
    [Fact]
    public void No_secret_of_any_kind_is_outside_the_image()
    {
        var known = new KnownSecrets();
        // Of the sample its software, so that the layer is there: whether a layer holds secrets does not depend on the hive.
        var sections = known.Yaml.Replace("../secrets/", "secrets/", StringComparison.Ordinal);
        var project = SampleHive.Create(package, Builder.Own, edit: yaml => yaml[..yaml.IndexOf("security:", StringComparison.Ordinal)]
            + sections + yaml[yaml.IndexOf("software:", StringComparison.Ordinal)..]);
        known.Write(project);
        var result = project.MustBuild("-p:W4bCompressionLevel=0", "-v:diag");
        Assert.DoesNotContain(known.All, result.Output.Contains);
        Assert.Empty(Scan.ForSecrets(project.Root, known.All, except: [".img", ".img.xz", "/hive/hive.yaml", "/hive/secrets/"]));
        Assert.Empty(Scan.ForSecrets(Path.GetDirectoryName(File.ReadAllText(project.At("obj/layer.path")).Trim())!, known.All, except: [".xz"]));
    }
}

using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>A hive that boots but is not what is configured: what is not so is told, and that alone.</summary>
[Collection(DeviceTests.Name)]
[Trait("Category", "Image")]
public sealed class BootTestTests(SdkPackage package)
{
    [Fact]
    public void A_hive_that_is_not_what_is_configured_is_told_with_what_was_seen()
    {
        var project = SampleHive.Create(package, Builder.Own, """<ItemGroup><W4bFile Include="open" TargetPath="/etc/nftables.conf" Mode="0755" /></ItemGroup>""",
            yaml => yaml + "\nservices: {monitoring: {enabled: true}}\n");
        project.Write("open", "#!/usr/sbin/nft -f\nflush ruleset\n");
        var result = project.Dotnet("build", "-t:BootTest", "-p:W4bCompressionLevel=0");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("error W4B5003: The firewall drops what is not allowed: this is not so.", result.Output, StringComparison.Ordinal);
        Assert.Contains(BootReports.Of(project).Results, r => r.Id == "exporter");
        Assert.Equal(["firewall", "port-9100"], BootReports.Of(project).Results.Where(r => !r.Passed).Select(r => r.Id).Order(StringComparer.Ordinal));
    }
}

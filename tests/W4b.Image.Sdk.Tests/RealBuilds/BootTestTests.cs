using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// The sample's hive boots and is what is configured, but for what a file of its own undoes: that is told, and that alone. With all of it
/// as configured it boots in <see cref="FinishedHiveTests"/>, and on another machine in <see cref="OtherLayoutTests"/>.
/// </summary>
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
        var report = BootReports.Of(project);
        Assert.Superset(new HashSet<string>
        {
            "running", "failed", "hostname", "timezone", "locale", "machine-id", "build", "grown", "boot-partition", "status", "user-w4b", "keys-w4b",
            "sudo-w4b", "passwords", "tunnel", "tunnel-file", "ssh", "ssh-settings", "port-22", "firewall", "exposure", "exporter",
        }, report.Results.Select(r => r.Id).ToHashSet());
        Assert.Equal(["firewall", "port-9100"], report.Results.Where(r => !r.Passed).Select(r => r.Id).Order(StringComparer.Ordinal));
        Assert.NotEmpty(report.Units);
        Assert.False(File.Exists(project.At("obj/boot/card.img")));
    }
}

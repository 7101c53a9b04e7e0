using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>A hive with all its services boots, and what is not as configured is told; all the rest is.</summary>
[Collection(DeviceTests.Name)]
[Trait("Category", "Image")]
public sealed class BootTestTests(SdkPackage package)
{
    /// <summary>All services; its secrets are written by <see cref="WriteSecrets"/>.</summary>
    public const string Yaml = """
        hive_id: hive_services
        system: {timezone: Europe/Berlin, ssh: {public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY keeper@we4bee"}}
        network:
          country: DE
          wifi: [{ssid: garden, password: {file: secrets/wifi}, priority: 10}]
          lan: {static: {ip: 192.168.20.20/24, gateway: 192.168.20.1, dns: [192.168.20.1]}}
        administrators:
          - {username: ada, role: hive_admin, public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY ada"}
          - {username: bob, role: hive_viewer, public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY bob"}
        security:
          local_access: {username: keeper, password: {file: secrets/keeper}}
          firewall: {allow_ports: [22]}
        services:
          monitoring: {enabled: true}
          database: {type: timescaledb, password: {file: secrets/database}, retention_days: 30, auto_backup: true}
        sensors:
          - {id: climate, type: bme280, interface: {type: i2c, address: "0x76"}}
          - {id: brood, type: ds18b20, interface: {type: w1, pin: 4, address: 28-0316a2795e6f}}
        maintenance:
          updates: {auto_update: true, update_hour: 3, allowed_days: [sat, sun]}

        """;

    private static readonly string Component = $"""<ItemGroup><W4bComponent Include="{Repository.Root}/samples/components/sensor_manager" /></ItemGroup>""";

    [Fact]
    public void A_hive_that_is_not_what_is_configured_is_told_with_what_was_seen()
    {
        var project = SampleHive.Create(package, Builder.Own, Component + """<ItemGroup><W4bFile Include="open" TargetPath="/etc/nftables.conf" Mode="0755" /></ItemGroup>""", _ => Yaml);
        WriteSecrets(project);
        project.Write("open", "#!/usr/sbin/nft -f\nflush ruleset\n");
        var result = project.Dotnet("build", "-t:BootTest");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("error W4B5003: The firewall drops what is not allowed: this is not so.", result.Output, StringComparison.Ordinal);
        Assert.Superset(new HashSet<string> { "database", "hypertable", "backup", "readings", "exporter" }, BootReports.Of(project).Results.Select(r => r.Id).ToHashSet());
        Assert.Equal(["firewall", "port-9100"], BootReports.Of(project).Results.Where(r => !r.Passed).Select(r => r.Id).Order(StringComparer.Ordinal));
    }

    /// <summary>Writes the secrets that the configuration names.</summary>
    internal static void WriteSecrets(HiveProject project)
    {
        foreach (var secret in new[] { "wifi", "keeper", "database" })
            project.Write("secrets/" + secret, "a password of " + secret);
    }
}

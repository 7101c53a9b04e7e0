using W4b.Image.Configuration;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests;

/// <summary>Every secret that a configuration can have, from every place it can come from, read for real: nothing that is written holds one.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class SecretTests(SdkPackage package)
{
    [Fact]
    public void Secrets_of_a_fleet_are_in_nothing_that_a_build_writes()
    {
        var known = new KnownSecrets();
        var project = new HiveProject(package, """<ItemGroup><W4bHive Include="hives/*.yaml" /></ItemGroup>""", yaml: null, fake: false);
        known.Write(project);
        Write(project, "hive_keys", known.Yaml);
        Write(project, "hive_config", "security: {vpn: {config: {file: ../secrets/wg0.conf}}}\n");
        foreach (var arguments in new string[][]
        {
            ["-t:ReadImageConfiguration", "-v:diag"], ["-t:ShowConfiguration", "-v:diag"], ["-t:ShowConfiguration", "-p:W4bFormat=json"],
        })
            Assert.DoesNotContain(known.All, project.MustBuild(arguments).Output.Contains);
        Assert.Contains("hive_keys", File.ReadAllText(project.At("obj/hive_keys/image.json")));
        Assert.Empty(Scan.ForSecrets(project.Root, known.All, except: [".yaml", "/hive/secrets/"]));
    }

    [Fact]
    public void Secrets_that_are_not_valid_or_alike_are_told_without_their_text()
    {
        var known = new KnownSecrets();
        var project = new HiveProject(package, """<ItemGroup><W4bHive Include="hives/*.yaml" /></ItemGroup>""", yaml: null, fake: false);
        known.Write(project);
        Write(project, "hive_a", known.Yaml.Replace("10.10.0.2", "10.10.0.3", StringComparison.Ordinal));
        Write(project, "hive_b", known.Yaml);
        var alike = project.Build("-t:ReadImageConfiguration", "-v:diag");
        Assert.Equal("W4B1021", Assert.Single(alike.Errors).Code);
        File.Delete(project.At("hives/hive_b.yaml"));

        // A secret of one kind where another is expected: each is refused.
        Write(project, "hive_a", """
            security:
              ssh: {private_key: {env: W4B_TEST_PASSWORD}}
              vpn: {private_key: {file: ../secrets/ssh.key}, config: {file: ../secrets/database}}
            """);
        project.Set("W4B_TEST_PASSWORD", known.Password);
        var invalid = project.Build("-t:ReadImageConfiguration", "-v:diag");
        Assert.Equal(3, invalid.Errors.Count(error => error.Code == "W4B1004"));
        Assert.All(new[] { alike, invalid }, result => Assert.DoesNotContain(known.All, result.Output.Contains));
        Assert.Empty(Scan.ForSecrets(project.Root, known.All, except: [".yaml", "/hive/secrets/"]));
    }

    [Fact]
    public void Converted_secrets_are_only_in_their_files()
    {
        var project = new HiveProject(package, yaml: null, fake: false);
        project.Write("manager.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples/from_manager/manager.yaml")));
        string[] secrets = ["a-public-sample-passphrase", "a-public-sample-password", "another-public-sample-password", "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="];
        var result = project.MustBuild("-t:ReadImageConfiguration", "-p:W4bHiveConfigFile=manager.yaml", "-v:diag");
        Assert.DoesNotContain(secrets, result.Output.Contains);
        Assert.Empty(Scan.ForSecrets(project.Root, secrets, except: ["manager.yaml", "/obj/secrets/"]));
        var files = Directory.GetFiles(project.At("obj/secrets"), "*", SearchOption.AllDirectories);
        Assert.Equal(secrets.Length, files.Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void The_scan_sees_into_binary_logs_and_through_encodings()
    {
        const string secret = "c0rrectHorseBattery";
        var project = new HiveProject(package);
        project.MustBuild($"-p:Unrelated={secret}");
        File.WriteAllText(project.At("utf16"), "x" + secret, System.Text.Encoding.Unicode);
        foreach (var before in new[] { "", "x", "xx" })
            project.Write("base64" + before, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{before}{secret}yz")));
        Assert.Equal(["1.binlog", "base64", "base64x", "base64xx", "utf16"],
            Scan.ForSecrets(project.Root, [secret], except: []).Select(finding => Path.GetFileName(finding.Split(' ')[0])).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_key_for_a_secret_is_forgotten_here()
        => Assert.Equal(
            ["network.wifi[].password", "publish.password", "publish.ssh_key", "publish.ssh_key_passphrase", "security.local_access.password", "security.ssh.private_key", "security.vpn.config", "security.vpn.private_key", "services.database.password"],
            Settings.All.Where(setting => setting.Kind == SettingKind.Secret).Select(setting => setting.Key).Order(StringComparer.Ordinal));

    private static void Write(HiveProject project, string hive, string yaml)
    {
        project.Write($"hives/{hive}.yaml", $"hive_id: {hive}\n{yaml}");
        // A literal is no warning in a file that nobody else can read.
        File.SetUnixFileMode(project.At($"hives/{hive}.yaml"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

using System.Security.Cryptography;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>What users get wrong, or what their machine lacks: each a coded error, and the next build after it succeeds.</summary>
[Collection(SdkPackageTests.Name)]
[Trait("Category", "Build")]
public sealed class BadInputTests(SdkPackage package)
{
    [Fact]
    public void Wrong_checksum_names_both_and_keeps_nothing()
    {
        var project = Project();
        var image = Archive(project, [1, 2, 3, 4]);
        Use(project, image, new string('a', 64));
        var error = Assert.Single(project.Build().Errors);
        Assert.Equal("W4B2002", error.Code);
        Assert.Contains(new string('a', 64), error.Text, StringComparison.Ordinal);
        Assert.Contains(Sha256(image), error.Text, StringComparison.Ordinal);
        Assert.Contains("The log: " + project.At("obj/log/FetchBaseImage.log"), error.Text, StringComparison.Ordinal);
        Assert.Empty(CachedFiles(project));

        // With the right one the build goes on, to the next thing that is wrong with these bytes.
        Use(project, image, Sha256(image));
        Assert.NotEqual("W4B2002", Assert.Single(project.Build().Errors).Code);
    }

    [Fact]
    public void Unreachable_url_is_named_without_its_password()
    {
        var project = Project();
        Use(project, "http://keeper:hidden-word@127.0.0.1:9/hive.img.xz", new string('b', 64));
        var result = project.Build();
        var error = Assert.Single(result.Errors);
        Assert.Equal("W4B2001", error.Code);
        Assert.Contains("127.0.0.1:9/hive.img.xz", error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_archive_is_told_and_keeps_nothing()
    {
        var project = Project();
        var raw = project.At("big.img");
        File.WriteAllBytes(raw, RandomNumberGenerator.GetBytes(1 << 20));
        Assert.Equal(0, project.Command.Run("xz", "-k", raw).ExitCode);
        var whole = Sha256(raw + ".xz");
        File.Copy(raw + ".xz", raw + ".whole");
        using (var archive = new FileStream(raw + ".xz", FileMode.Open))
            archive.SetLength(archive.Length / 2);
        Use(project, raw + ".xz", Sha256(raw + ".xz"));
        Assert.Equal("W4B2003", Assert.Single(project.Build().Errors).Code);
        Assert.Empty(CachedFiles(project));

        // A whole one is taken, and the build goes on to the next thing that is wrong with these bytes.
        File.Move(raw + ".whole", raw + ".xz", overwrite: true);
        Use(project, raw + ".xz", whole);
        Assert.Equal("W4B2004", Assert.Single(project.Build().Errors).Code);
    }

    [Fact]
    public void Image_without_partitions_is_told()
    {
        var project = Project();
        var image = Archive(project, new byte[1 << 20]);
        Use(project, image, Sha256(image));
        Assert.Equal("W4B2004", Assert.Single(project.Build().Errors).Code);
    }

    [Fact]
    public void Full_disk_is_told_and_leaves_no_half_file()
    {
        var project = Project();
        var raw = project.At("big.img");
        File.WriteAllBytes(raw, RandomNumberGenerator.GetBytes(24 << 20));
        Assert.Equal(0, project.Command.Run("xz", "-0k", raw).ExitCode);
        Use(project, raw + ".xz", Sha256(raw + ".xz"));
        Directory.CreateDirectory(project.Cache);
        // A cache of 32 MiB, seen by this build only: room for the download, none for what is in it.
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        var full = new HiveProject(package, yaml: File.ReadAllText(project.At("hive.yaml")), fake: false)
        {
            Wrapper = ["unshare", .. user, "--mount", "sh", "-ec", "mount -t tmpfs -o size=32m tmpfs \"$W4B_CACHE_DIR\"; \"$@\" || { ls \"$W4B_CACHE_DIR\"/base; exit 1; }", "sh"],
        };
        Directory.CreateDirectory(full.Cache);
        var result = full.Build();
        Assert.Equal("W4B0006", Assert.Single(result.Errors).Code);
        Assert.DoesNotContain(".img", result.Output.Split('\n')[^2], StringComparison.Ordinal);

        // With room it goes on to the next thing that is wrong with these bytes.
        full.Wrapper = [];
        Assert.Equal("W4B2004", Assert.Single(full.Build().Errors).Code);
    }

    [Fact]
    [Trait("Category", "Image")]
    public void Unknown_package_is_an_error_at_its_line_that_names_a_near_one()
    {
        var project = SampleHive.CreateApart(package, edit: yaml => yaml.Replace("- wireguard-tools", "- wireguard-toolz", StringComparison.Ordinal));
        var error = Assert.Single(project.Build().Errors);
        var line = Array.FindIndex(File.ReadAllLines(project.At("hive.yaml")), l => l.Contains("toolz", StringComparison.Ordinal)) + 1;
        Assert.Equal(("W4B3001", project.At("hive.yaml"), line), (error.Code, error.File, error.Line));
        Assert.Contains("wireguard-tools is near", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Image")]
    public void Missing_qemu_and_failing_script_are_told_and_once_mended_the_build_succeeds()
    {
        var project = SampleHive.CreateApart(package, """
            <ItemGroup>
              <W4bScript Include="setup.sh" />
              <W4bFile Include="motd" TargetPath="/etc/motd" Mode="0640" Owner="root:adm" />
              <W4bFile Include="motd" TargetPath="/boot/firmware/motd.txt" />
              <W4bService Include="hive-hello" />
            </ItemGroup>
            """, yaml => yaml[..yaml.IndexOf("software:", StringComparison.Ordinal)] + "software: {packages: [wireguard-tools]}\n");
        project.Write("motd", "hello bees\n");
        project.Write("setup.sh", "#!/bin/sh\necho about to fail\nexit 3\n");

        // /usr/bin without it, seen by this build only.
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        project.Wrapper = ["unshare", .. user, "--mount", "sh", "-ec", """
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/changes /mnt/work
            mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/mnt/changes,workdir=/mnt/work /usr/bin
            rm /usr/bin/qemu-aarch64-static
            exec "$@"
            """, "sh"];
        var missing = Assert.Single(project.Build().Errors);
        Assert.Equal("W4B0005", missing.Code);
        Assert.Contains("qemu-user-static", missing.Text, StringComparison.Ordinal);
        project.Wrapper = [];

        var error = Assert.Single(project.Build().Errors);
        Assert.Equal(("W4B3003", project.At("setup.sh")), (error.Code, error.File));
        Assert.Contains("exit code 3", error.Text, StringComparison.Ordinal);
        Assert.Contains("about to fail", File.ReadAllText(project.At("obj/log/InstallSoftware.log")), StringComparison.Ordinal);

        // Unique, so that the layer is not in the cache from an earlier run.
        project.Write("setup.sh", $"""
            #!/bin/sh -e
            echo {Guid.NewGuid()} > /etc/made-by-script
            id -u > /etc/script-ran-as
            uname -m >> /etc/script-ran-as
            printf '[Service]\nExecStart=/bin/echo hello\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/hive-hello.service

            """);
        project.MustBuild("-p:W4bCompressionLevel=0");
        var tree = TreeListing.Of(RealImages.RawImage(project));
        Assert.StartsWith("RegularFile 640 0:4 ", tree["/etc/motd"], StringComparison.Ordinal);
        Assert.Contains("/etc/systemd/system/multi-user.target.wants/hive-hello.service", tree.Keys);
        Assert.DoesNotContain("/w4b-script", tree.Keys);
        Assert.DoesNotContain("/usr/sbin/policy-rc.d", tree.Keys);
        Assert.Equal("0\naarch64\n", TreeListing.Read(RealImages.RawImage(project), "/etc/script-ran-as"));
    }

    private HiveProject Project() => new(package, yaml: "", fake: false);

    private static void Use(HiveProject project, string url, string sha256)
        => project.Write("hive.yaml", $"hive_id: hive_a\nbase_image: {{url: '{url}', checksum: '{sha256}'}}\n");

    private static string Archive(HiveProject project, byte[] bytes)
    {
        File.WriteAllBytes(project.At("base.img"), bytes);
        return project.At("base.img");
    }

    private static string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private static IEnumerable<string> CachedFiles(HiveProject project)
        => new[] { "downloads", "base", "layers" }.Select(f => Path.Combine(project.Cache, f)).Where(Directory.Exists).SelectMany(Directory.GetFileSystemEntries);
}

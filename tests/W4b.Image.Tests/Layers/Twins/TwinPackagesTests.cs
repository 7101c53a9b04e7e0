using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Packages;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Layers.Twins;

public sealed class TwinPackagesTests
{
    [Fact]
    public void Wanted_are_the_listed_programs_and_perls_compiled_modules()
        => Assert.Equal(["dash", "libdbi-perl", "libperl5.40", "perl-base", "python3.13-minimal"], TwinPackages.Wanted(
            [
                new("adduser", "3.152", "all"), new("dash", "0.5.12-12", "arm64"), new("libc6", "2.41-12", "arm64"),
                new("libdbi-perl", "1.647-1", "arm64"), new("libjson-perl", "4.10000-1", "all"), new("libperl5.40", "5.40.1-6", "arm64"),
                new("openssl", "3.5.1-1", "arm64"), new("perl-base", "5.40.1-6", "arm64"), new("python3.13", "3.13.5-2", "arm64"),
                new("python3.13-minimal", "3.13.5-2", "arm64"),
            ]).Select(p => p.Name));

    [Theory]
    [InlineData("9.7-3", "9.7-3", true)]
    [InlineData("1.07-7+b1", "1.07-7+b2", true)]
    [InlineData("1.07-7", "1.07-7+b2", true)]
    [InlineData("5.40.1-6", "5.40.1-6+deb13u1", false)]
    [InlineData("9.7-3", "9.7-2", false)]
    public void A_rebuild_is_the_same_version(string version, string other, bool same)
        => Assert.Equal(same, TwinPackages.SameSource(version, other));

    [Fact]
    public void Packages_of_a_repository_are_read()
    {
        var packages = PackageStanza.Parse("""
            Package: coreutils
            Architecture: amd64
            Version: 9.7-3
            Pre-Depends: libacl1 (>= 2.2.23), libc6 (>= 2.38) | libc6.1, libssl3t64:any
            Description: GNU core utilities
             Depends: in a text of many lines this is no field

            Package: tzdata
            Version: 2025b-4
            Architecture: all

            """.Split('\n'));

        Assert.Equal([("coreutils", "9.7-3", "amd64", "libacl1 libc6 libssl3t64"), ("tzdata", "2025b-4", "all", "")],
            packages.Select(p => (p.Name, p.Version, p.Architecture, string.Join(' ', p.Dependencies))));
    }

    [Fact]
    public void After_an_installation_the_new_packages_are_there_and_replaced_ones_are_not_relied_on()
    {
        IReadOnlyList<InstalledPackage> installed = [new("dash", "1", "arm64"), new("nano", "7", "arm64"), new("sed", "4.9-1", "arm64"), new("tar", "1", "arm64")];

        var after = PlannedPackages.After(installed,
        [
            "Reading package lists...",
            "Inst zstd (1.5.7+dfsg-1 Debian:13.1/stable, Debian-Security:13/stable-security [arm64])",
            "Inst sed [4.9-1] (4.9-2 Debian:13.1/stable [arm64]) []",
            "Inst tar [1] (1 Debian:13.1/stable [arm64])",
            "Inst tzdata (2025b-4 Debian:13.1/stable [all])",
            "Remv nano [7]",
            "Conf zstd (1.5.7+dfsg-1 Debian:13.1/stable [arm64])",
        ]);

        Assert.Equal([("dash", "1", "arm64"), ("tar", "1", "arm64"), ("tzdata", "2025b-4", "all"), ("zstd", "1.5.7+dfsg-1", "arm64")],
            after.Select(p => (p.Name, p.Version, p.Architecture)));
    }

    [Fact]
    public void Packages_that_dpkg_could_not_handle_are_named()
        => Assert.Equal(["ssl-cert", "libpq5", "perl"], SoftwareInstaller.FailedPackages(new SandboxResult(100, """
            Setting up ssl-cert (1.1.3) ...
            dpkg: error processing package ssl-cert (--configure):
             installed ssl-cert package post-installation script subprocess returned error exit status 1
            dpkg: error processing package libpq5:arm64 (--configure):
             dependency problems - leaving unconfigured
            dpkg: error processing archive /tmp/apt-dpkg-install-2/01-perl_5.40.1-6_arm64.deb (--unpack):
            Errors were encountered while processing:
             ssl-cert
            E: Sub-process /usr/bin/dpkg returned an error code (1)
            """)));

    [Fact]
    [Trait("Category", "Sandbox")]
    public async Task The_sources_of_a_base_are_those_of_mmdebstrap()
    {
        using var folder = new TestFolder();
        async Task<string[]> SuitesAsync(string suite, string? mirror = null)
        {
            var sources = await AptSources.OfDebianAsync(new(suite, mirror, []), Directory.CreateDirectory(folder[Guid.NewGuid().ToString("N")]).FullName, new ListLog(), default);
            return [.. sources.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ').SkipWhile(w => !w.Contains("://", StringComparison.Ordinal))))];
        }

        var trixie = await SuitesAsync("trixie");
        Assert.Equal(["trixie main non-free-firmware", "trixie-updates main non-free-firmware", "trixie-security main non-free-firmware"], trixie.Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.EndsWith(" sid main non-free-firmware", Assert.Single(await SuitesAsync("sid")), StringComparison.Ordinal);
        Assert.Equal(["https://mirror.example/debian trixie main non-free-firmware"], await SuitesAsync("trixie", "https://mirror.example/debian"));
    }

    [Theory]
    [InlineData("w4b-sandbox: programs: 985 native, 113 emulated, last emulated /usr/bin/dpkg", "/usr/bin/dpkg", false)]
    [InlineData("w4b-sandbox: programs: 1 native, 0 emulated, last native ./a program", "./a program", true)]
    [InlineData("w4b-sandbox: exec: /bin/sh: No such file or directory", null, false)]
    public void The_last_program_is_known(string line, string? path, bool native)
        => Assert.Equal(path is null ? null : new StartedProgram(path, native), ProgramTally.LastOf(line));

    [Fact]
    public void Programs_that_tell_the_architecture_are_not_listed()
    {
        var names = SandboxHelper.ListTwins();
        Assert.Superset(new HashSet<string> { "dash", "bash", "cat", "sed", "grep", "mawk", "find", "run-parts", "tar", "dpkg", "dpkg-deb", "kmod", "perl", "python3." }, names.ToHashSet());
        foreach (var never in new[] { "arch", "uname", "nproc", "ldconfig", "pip", "pip3", "seq", "printf", "sh", "awk" })
            Assert.DoesNotContain(never, names);
        Assert.Equal(TwinPackages.Names.Order(StringComparer.Ordinal), TwinPackages.Names);
    }
}

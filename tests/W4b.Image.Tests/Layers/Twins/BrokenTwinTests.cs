using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;
using W4b.Image.Tests.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Layers.Twins;

/// <summary>A tree that has little more than apt, and one twin: of the shell.</summary>
public sealed class AptTree : IAsyncLifetime
{
    private readonly ListLog _log = new();

    public AptTree() => Tree = new ImageTree(At("tree"), Architecture.Arm64);

    internal ImageTree Tree { get; }

    private string Folder { get; } = Directory.CreateTempSubdirectory("w4b-test-").FullName;

    public string At(string name) => Path.Combine(Folder, name);

    public async Task InitializeAsync()
    {
        await Tree.CreateAsync(_log, default);
        // Its sources are taken away: what is installed here comes from no repository.
        var result = await SandboxRunner.RunAsync(
            new SandboxOptions { Architecture = Architecture.Arm64, Binds = [new Bind(Tree.Folder, "/mnt")], Environment = ImageTree.ChrootEnvironment() },
            HostTool.Mmdebstrap.Path,
            [
                "--mode=root", "--variant=extract", "--format=directory", "--architectures=arm64", "--skip=check/qemu", "--aptopt=Acquire::Languages \"none\"",
                "--include=apt,base-files,base-passwd,coreutils,dash,diffutils,dpkg,findutils,grep,libc-bin,sed,tar",
                "--customize-hook=cd \"$1\"; rm etc/apt/sources.list; cp usr/share/base-passwd/passwd.master etc/passwd; cp usr/share/base-passwd/group.master etc/group",
                "trixie", "/mnt/root",
            ], _log, default);
        Assert.True(result.ExitCode == 0, result.Output);
        Tree.Twins = TwinsTests.MakeTwins(At("twins"), Architecture.Arm64, "dash");
    }

    /// <summary>Puts a package with that script into /root of the tree.</summary>
    internal async Task PackAsync(string name, string postinst)
    {
        var control = Directory.CreateDirectory(At($"{name}/DEBIAN")).FullName;
        await File.WriteAllTextAsync(Path.Combine(control, "control"), $"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: W4B <tests@example.org>\nDescription: test\n");
        await File.WriteAllTextAsync(Path.Combine(control, "postinst"), $"#!/bin/sh\nset -e\n{postinst}\n");
        File.SetUnixFileMode(Path.Combine(control, "postinst"), (UnixFileMode)0b111_101_101);
        await new HostTool("dpkg-deb", "dpkg").RunAsync(_log, ["--root-owner-group", "--build", At(name), At($"{name}.deb")], default);
        await ImageTree.RunOutsideAsync("/usr/bin/install", ["-m", "0644", At($"{name}.deb"), Path.Combine(Tree.RootFolder, "root", $"{name}.deb")], _log, default);
    }

    public async Task DisposeAsync()
    {
        await Tree.DeleteAsync(_log, default);
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A package whose configuration succeeds only emulated, and what is told of a failure.</summary>
[Trait("Category", "Sandbox")]
public sealed class BrokenTwinTests(AptTree apt) : IClassFixture<AptTree>
{
    private readonly ListLog _log = new();

    [Fact]
    public async Task It_is_configured_emulated_with_a_warning_that_names_it()
    {
        await apt.PackAsync("w4b-broken", "case $(readlink /proc/$$/exe) in */twins/*) echo only emulated >&2; exit 1 ;; esac");
        var installer = new SoftwareInstaller(apt.Tree, new Dictionary<string, SourceLocation>(), _log);

        await installer.InstallAsync(["/root/w4b-broken.deb"], [], default);

        var warning = Assert.Single(_log.Warnings);
        Assert.Equal(DiagnosticCode.TwinBroken, warning.Code);
        Assert.Contains("w4b-broken", warning.Message, StringComparison.Ordinal);
        Assert.Equal(["w4b-broken"], (await installer.ListPackagesAsync(default)).Select(p => p.Name));
        Assert.NotNull(apt.Tree.Twins);
        await PurgeAsync("w4b-broken");
    }

    [Fact]
    public async Task What_fails_emulated_too_is_an_error_without_a_word_of_twins()
    {
        var twins = apt.Tree.Twins;
        await apt.PackAsync("w4b-hopeless", "echo never >&2; exit 1");
        var installer = new SoftwareInstaller(apt.Tree, new Dictionary<string, SourceLocation>(), _log);

        var error = await Assert.ThrowsAsync<W4bException>(() => installer.InstallAsync(["/root/w4b-hopeless.deb"], [], default));

        Assert.Equal(DiagnosticCode.PackageInstallFailed, error.Diagnostics[0].Code);
        Assert.DoesNotContain("twin", error.Message, StringComparison.Ordinal);
        Assert.Empty(_log.Warnings);
        await PurgeAsync("w4b-hopeless");
        apt.Tree.Twins = twins;
    }

    [Fact]
    public async Task A_script_that_fails_is_told_with_what_ran_last()
    {
        var script = apt.At("failing.sh");
        await File.WriteAllTextAsync(script, "#!/bin/sh\nuname -m\nexit 3\n");
        var installer = new SoftwareInstaller(apt.Tree, new Dictionary<string, SourceLocation>(), _log);

        var error = await Assert.ThrowsAsync<W4bException>(() => installer.RunScriptsAsync([script], default));

        Assert.Equal(DiagnosticCode.ScriptFailed, error.Diagnostics[0].Code);
        Assert.Contains("/usr/bin/uname, was emulated; W4bNativeTwins=false", error.Message, StringComparison.Ordinal);
    }

    private async Task PurgeAsync(string name)
        => Assert.Equal(0, (await apt.Tree.RunInsideAsync("dpkg", ["--purge", name], _log, default)).ExitCode);
}

using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Layers.Locking;

/// <summary>The lock's file, what differs from it, and what apt is told of it.</summary>
public sealed class PackageLockTests : IDisposable
{
    private static readonly LockedPackage Bash = new("bash", "5.2.37-2+b5", "arm64", new string('b', 64), 1_500_000, "http://deb.example.org/pool/main/b/bash/bash_5.2.37-2+b5_arm64.deb");
    private static readonly LockedLayer Layer = new([new("packages", "bash")], new LockedBase(new string('a', 64), ["adduser 3.152 all", "libc6 2.41-12 arm64"]), [Bash],
        [new LockedWheel("requests", "2.32.3", new string('c', 64), "requests-2.32.3-py3-none-any.whl")]);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_again()
    {
        var file = _folder.Write("hive.lock.json", PackageLock.Read(_folder["none"]).With(Layer, alone: false).Text());
        var read = PackageLock.Read(file);
        Assert.Equal(Layer.Id, read.Find(Layer.Request)?.Id);
        Assert.Equal(File.ReadAllText(file), read.Text());
    }

    [Fact]
    public void A_fleet_keeps_its_other_layers_and_a_hive_alone_drops_what_it_asked_for_before()
    {
        var (second, third) = (Layer with { Request = [new("packages", "dash")] }, Layer with { Request = [new("packages", "nano")] });
        var two = PackageLock.Read(_folder["none"]).With(Layer, alone: false).With(second, alone: false).With(Layer, alone: false);
        Assert.Equal(2, two.Layers.Count);
        var alone = two.With(third, alone: true);
        Assert.Equal((third.Request, null), (Assert.Single(alone.Layers.Values).Request, alone.Find(Layer.Request)));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{\"version\": 7, \"layers\": {}}")]
    public void A_file_that_is_no_lock_is_an_error_at_its_place(string text)
    {
        var file = _folder.Write("hive.lock.json", text);
        var error = Assert.Single(Assert.Throws<W4bException>(() => PackageLock.Read(file)).Diagnostics);
        Assert.Equal((DiagnosticCode.LockUnreadable, file), (error.Code, error.Location?.File));
    }

    [Fact]
    public void Differences_are_told_package_by_package()
    {
        var now = Layer with
        {
            Base = new LockedBase(new string('d', 64), ["adduser 3.152 all", "libc6 2.41-13 arm64"]),
            Packages = [Bash with { Version = "5.3-1", Sha256 = new string('e', 64) }, Bash with { Name = "dash" }],
            Python = [],
        };
        Assert.Equal(
        [
            "base image: libc6:arm64: 2.41-12 -> 2.41-13",
            "bash:arm64: 5.2.37-2+b5 (bbbbbbbbbbbb) -> 5.3-1 (eeeeeeeeeeee)",
            "dash:arm64: not there -> 5.2.37-2+b5 (bbbbbbbbbbbb)",
            "Python requests: 2.32.3 (cccccccccccc) -> not there",
        ], LockDifference.Between(Layer, now));
        Assert.Empty(LockDifference.Between(Layer, Layer));
    }

    [Fact]
    public void What_the_archive_has_newer_is_a_table()
    {
        var newest = new Dictionary<string, string> { ["bash"] = "5.3-1", ["libc6"] = "2.41-13", ["adduser"] = "3.152" };
        Assert.Equal("| package | locked | archive | of |\n|---|---|---|---|\n| bash | 5.2.37-2+b5 | 5.3-1 | layer |\n| libc6 | 2.41-12 | 2.41-13 | base |\n", OutdatedStep.Table(Layer, newest));
        Assert.Equal("All 3 locked packages are the newest.\n", OutdatedStep.Table(Layer, new Dictionary<string, string>(newest) { ["bash"] = Bash.Version, ["libc6"] = "2.41-12" }));
    }

    [Fact]
    public void Apt_is_told_each_version()
        => Assert.Equal("Package: bash:arm64\nPin: version 5.2.37-2+b5\nPin-Priority: 1001\n\nPackage: tzdata\nPin: version 2026a\nPin-Priority: 1001\n\n",
            AptPins.Preferences([Bash, Bash with { Name = "tzdata", Version = "2026a", Architecture = "all" }]));
}

using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Locking;
using W4b.Image.Sandbox;
using W4b.Image.Steps;
using W4b.Image.Tests.Layers.Download;
using W4b.Image.Tests.Layers.Twins;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Layers.Locking;

/// <summary>Layers over a base that has little more than apt, whose one package comes from a repository that moves on.</summary>
[Trait("Category", "Sandbox")]
public sealed class LockedLayerTests : IClassFixture<AptTree>, IAsyncLifetime, IDisposable
{
    private readonly AptTree _apt;
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly LoopbackServer _archive;
    private readonly Dictionary<string, byte[]> _served = [];
    private string _base = "";

    public LockedLayerTests(AptTree apt)
    {
        _apt = apt;
        _archive = new LoopbackServer(request => _served.TryGetValue(request.Path.TrimStart('/', '.'), out var content) ? Reply.Part(content, request) : new Reply(404, []));
    }

    public async Task InitializeAsync()
    {
        // By its number: the tree has no list of hosts.
        _folder.Write("w4b.list", $"deb [trusted=yes] http://127.0.0.1:{_archive[""].Port}/ ./\n");
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", """
            mkdir -p "$1/boot/firmware" "$1/etc/apt/sources.list.d" "$1/etc/apt/apt.conf.d"
            echo 'PARTUUID=1-01 /boot/firmware vfat defaults 0 2' > "$1/etc/fstab"
            install -m 0644 "$3" "$1/etc/apt/sources.list.d/w4b.list"
            echo 'Acquire::http::Proxy::127.0.0.1 "DIRECT";' > "$1/etc/apt/apt.conf.d/no-proxy"
            : > "$2/config.txt"
            """, "sh", _apt.Tree.RootFolder, _apt.Tree.BootFolder, _folder["w4b.list"]], _log, default);
        var image = _folder["base.img"];
        await CardWriter.WriteAsync(_apt.Tree, CardSpecification.RaspberryPiOs(1, Guid.NewGuid()), image, 0, TinyCard.Epoch, DateTimeOffset.UnixEpoch, _log, default);
        _base = _folder[ContentFile.Sha256OfFile(image) + ".img"];
        File.Move(image, _base);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _archive.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_installed_first_is_installed_from_then_on()
    {
        await ReleaseAsync("1");
        var (first, _) = await BuildAsync("cache");
        var locked = Assert.Single(Locked().Packages);
        Assert.Equal(("w4b-moving", "1", "all", Sample.Sha256(_served["w4b-moving_1_all.deb"])), (locked.Name, locked.Version, locked.Architecture, locked.Sha256));
        Assert.EndsWith("/w4b-moving_1_all.deb", locked.Archive, StringComparison.Ordinal);

        // The archive moves on. The layer is in the cache; without it the package still is, and makes the same layer.
        await ReleaseAsync("2");
        var before = File.ReadAllText(_folder["hive.lock.json"]);
        Assert.Equal(first, (await BuildAsync("cache", locked: true)).Image);
        var hash = ContentFile.Sha256OfFile(first);
        var info = SoftwareLayer.ReadInfo(first);
        Directory.Delete(_folder["cache/layers"], recursive: true);
        var (again, _) = await BuildAsync("cache", locked: true);
        Assert.Equal(hash, ContentFile.Sha256OfFile(again));
        Assert.Equal(info.Id, SoftwareLayer.ReadInfo(again).Id);
        Assert.Equal(before, File.ReadAllText(_folder["hive.lock.json"]));

        // Where nobody has the package any more, that is an error that names it, or else a new lock.
        var error = await Assert.ThrowsAsync<W4bException>(() => BuildAsync("elsewhere", locked: true));
        Assert.Equal((DiagnosticCode.LockMismatch, _folder["hive.lock.json"]), (error.Diagnostics[0].Code, error.Diagnostics[0].Location?.File));
        Assert.Contains("w4b-moving:all: 1 (", error.Message, StringComparison.Ordinal);
        var (_, log) = await BuildAsync("elsewhere");
        Assert.Equal(DiagnosticCode.LockChanged, Assert.Single(log.Warnings).Code);
        Assert.Equal("2", Assert.Single(Locked().Packages).Version);
    }

    [Fact]
    public async Task An_update_resolves_anew_whatever_the_cache_has()
    {
        await ReleaseAsync("3");
        var (first, _) = await BuildAsync("cache");
        await ReleaseAsync("4");
        File.Delete(_folder["hive.lock.json"]); // as the target does: it writes another file
        var (second, _) = await BuildAsync("cache", update: true);
        Assert.NotEqual(first, second);
        Assert.Equal("4", Assert.Single(Locked().Packages).Version);
        Assert.Equal(second, (await BuildAsync("cache", locked: true)).Image);
    }

    [Fact]
    public async Task A_lock_that_has_nothing_for_what_is_asked_for_is_an_error_where_it_must_have()
    {
        _folder.Write("hive.lock.json", "{\"version\": 1, \"layers\": {}}");
        var error = await Assert.ThrowsAsync<W4bException>(() => BuildAsync("cache", locked: true));
        Assert.Equal(DiagnosticCode.LockMismatch, error.Diagnostics[0].Code);
        Assert.Contains("packages: w4b-moving", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_changes_starts_from_the_layer_of_the_locked_packages()
    {
        await ReleaseAsync("1");
        await BuildAsync("cache", script: "echo one > /etc/w4b-script");
        await ReleaseAsync("2");
        var (_, log) = await BuildAsync("cache", locked: true, script: "echo two > /etc/w4b-script");
        Assert.Contains(log.Lines, l => l.StartsWith("Starting from the layer", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("Setting up w4b-moving", StringComparison.Ordinal));
    }

    private LockedLayer Locked() => Assert.Single(PackageLock.Read(_folder["hive.lock.json"]).Layers.Values);

    // A flat repository with this version alone.
    private async Task ReleaseAsync(string version)
    {
        var control = $"Package: w4b-moving\nVersion: {version}\nArchitecture: all\nMaintainer: W4B <tests@example.org>\nDescription: test\n";
        var tree = _folder[$"package-{version}"];
        Directory.CreateDirectory(Path.Combine(tree, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(tree, "etc"));
        await File.WriteAllTextAsync(Path.Combine(tree, "DEBIAN/control"), control);
        await File.WriteAllTextAsync(Path.Combine(tree, "etc/w4b-moving"), version);
        // A package is older than any build with it; what a build changed itself gets another time.
        foreach (var entry in Directory.GetFileSystemEntries(tree, "*", SearchOption.AllDirectories).Append(tree))
            File.SetLastWriteTimeUtc(entry, TinyCard.Epoch.UtcDateTime);
        var deb = _folder[$"w4b-moving_{version}_all.deb"];
        await HostTool.DpkgDeb.RunAsync(_log, ["--root-owner-group", "--build", tree, deb], default);
        var content = await File.ReadAllBytesAsync(deb);
        _served.Clear();
        _served[Path.GetFileName(deb)] = content;
        _served["Packages"] = Encoding.UTF8.GetBytes(AptPins.Stanza(control, "./" + Path.GetFileName(deb), content.Length, Sample.Sha256(content)));
    }

    private async Task<(string Image, ListLog Log)> BuildAsync(string cache, bool locked = false, bool update = false, string? script = null)
    {
        var log = new ListLog();
        var obj = Directory.CreateDirectory(_folder["obj"]).FullName;
        var inputs = Path.Combine(obj, "software.json");
        var software = new SoftwareConfiguration(["w4b-moving"], script is null ? [] : [_folder.Write("script.sh", $"#!/bin/sh\n{script}\n")], [], 0, [], [], null, null, null, []);
        await File.WriteAllTextAsync(inputs, ImageJson.Write(new SoftwareInputs("arm64", software)));
        await using var session = await SoftwareLayerSession.OpenAsync(inputs, _base, _folder[cache], new LockOptions(_folder["hive.lock.json"], locked, update, true), log, default);
        if (session.LayerImage is { } there)
            return (there, log);
        await session.MountAsync(log, default);
        await session.ApplyAsync(nativeTwins: false, log, default);
        return (await session.WriteImageAsync(log, default), log);
    }
}

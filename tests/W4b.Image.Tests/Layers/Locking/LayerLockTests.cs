using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Locking;

namespace W4b.Image.Tests.Layers.Locking;

/// <summary>Which layer of a cache is the one that is locked, and what is said of a lock that is not of what is asked for.</summary>
public sealed class LayerLockTests : IDisposable
{
    private const string YamlFile = "/home/user/hive.yaml";
    private static readonly LockedBase s_base = new(new string('0', 64), []);
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, LockedLayer> _cache = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_lock_or_a_layer_the_steps_are_those_of_the_request()
    {
        Assert.Equal(Steps(null).LayerId, Choose(Open(Package("nano", '1'), written: false)));
        Assert.Equal(Steps(null).LayerId, Choose(Open(Package("nano", '1'))));
    }

    [Fact]
    public void A_layer_of_the_locked_packages_is_taken_whatever_asked_for_it_first_and_whatever_ran_natively()
    {
        _cache[Steps(null).LayerId] = Layer(Package("nano", '1')) with { Request = [new("packages", "nano"), new("component sensors", "")], Twins = ["bash 5 amd64"] };
        Assert.Equal(Steps(null).LayerId, Choose(Open(Package("nano", '1'))));
    }

    [Fact]
    public void Where_the_cache_has_another_resolution_the_lock_has_a_layer_of_its_own()
    {
        _cache[Steps(null).LayerId] = Layer(Package("nano", '2'));
        var layerLock = Open(Package("nano", '1'));
        var own = Steps(layerLock.Given!.Id).LayerId;
        Assert.NotEqual(Steps(null).LayerId, own);
        Assert.Equal(own, Choose(layerLock));
        // Once it is made, also when the other is gone.
        _cache[own] = layerLock.Given;
        _cache.Remove(Steps(null).LayerId);
        Assert.Equal(own, Choose(layerLock));
    }

    [Fact]
    public void The_packages_that_stay_count_when_one_is_added()
    {
        var before = new PackageLock(1, new Dictionary<string, LockedLayer>()).With(Layer(Package("libc6", '1')) with { Request = [new("packages", "less")] }, alone: true);
        _folder.Write("hive.lock.json", before.Text());
        var layerLock = LayerLock.Open(Options(locked: false), Steps(null).Request, s_base, new Dictionary<string, SourceLocation>());
        Assert.Null(layerLock.Given);
        Assert.True(layerLock.Fits(Layer(Package("libc6", '1'), Package("nano", '5'))));
        Assert.False(layerLock.Fits(Layer(Package("libc6", '2'))));
    }

    [Fact]
    public void What_the_lock_does_not_know_is_told_where_the_user_asks_for_it()
    {
        _folder.Write("hive.lock.json", new PackageLock(1, new Dictionary<string, LockedLayer>())
            .With(Layer() with { Request = [new("architecture", "arm64"), new("packages", "htop")] }, alone: true).Text());
        var places = new Dictionary<string, SourceLocation> { ["nano"] = new(YamlFile, 7, 5), ["htop"] = new(YamlFile, 6, 5) };
        var error = Assert.Throws<W4bException>(() => LayerLock.Open(Options(locked: true), Steps(null).Request, s_base, places)).Diagnostics[0];
        Assert.Equal((DiagnosticCode.LockMismatch, new SourceLocation(YamlFile, 7, 5)), (error.Code, error.Location));
        Assert.StartsWith("hive.lock.json is not of what is asked for: packages: htop -> nano.", error.Text, StringComparison.Ordinal);
        Assert.Contains("-t:UpdateLock", error.Text, StringComparison.Ordinal);
    }

    private static LayerSteps Steps(string? lockId)
        => LayerSteps.Of(s_base.Sha256, new SoftwareInputs("arm64", new SoftwareConfiguration(["nano"], [], [], 0, [], [], null, null, null, [])), lockId);

    private static LockedLayer Layer(params IReadOnlyList<LockedPackage> packages) => new(Steps(null).Request, s_base, packages, []);

    private static LockedPackage Package(string name, char content) => new(name, "1", "arm64", new string(content, 64), 1, "");

    private LockOptions Options(bool locked) => new(_folder["hive.lock.json"], locked, false, true);

    private LayerLock Open(LockedPackage package, bool written = true)
    {
        if (written)
            _folder.Write("hive.lock.json", PackageLock.Read(_folder["none"]).With(Layer(package), alone: true).Text());
        return LayerLock.Open(Options(locked: false), Steps(null).Request, s_base, new Dictionary<string, SourceLocation>());
    }

    private string Choose(LayerLock layerLock) => layerLock.Choose(Steps, id => _cache.GetValueOrDefault(id)).LayerId;
}

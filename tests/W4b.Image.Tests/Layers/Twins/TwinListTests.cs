using W4b.Image.Layers;
using W4b.Image.Layers.Twins;

namespace W4b.Image.Tests.Layers.Twins;

/// <summary>Which trees of twins a target can share.</summary>
public sealed class TwinListTests
{
    private static readonly InstalledPackage s_dash = new("dash", "0.5-1", "arm64");
    private static readonly InstalledPackage s_sed = new("sed", "4.9-1", "arm64");
    private static readonly InstalledPackage s_perl = new("perl", "5.40.1-6", "arm64");
    private static readonly TwinList s_tree = new("suite", [s_dash, s_sed, s_perl], [s_dash with { Architecture = "amd64" }, s_sed with { Architecture = "amd64" }], ["dash", "libc6", "sed"]);

    [Fact]
    public void A_target_that_has_less_misses_nothing()
        => Assert.Equal((true, ""), Asked(new TwinRequest([s_dash, new("adduser", "3.152", "all"), new("libc6", "2.41", "arm64")], [])));

    [Fact]
    public void What_the_suite_has_not_for_the_host_is_not_asked_for_again()
        => Assert.Equal((true, ""), Asked(new TwinRequest([s_dash, s_perl], [])));

    [Fact]
    public void A_rebuild_is_the_same()
        => Assert.Equal((true, ""), Asked(new TwinRequest([s_dash with { Version = "0.5-1+b2" }], [])));

    [Fact]
    public void Another_version_suits_no_more()
        => Assert.Equal((false, "sed"), Asked(new TwinRequest([s_dash, s_sed with { Version = "4.9-2" }], [])));

    [Fact]
    public void A_target_that_has_more_misses_that()
        => Assert.Equal((true, "tar"), Asked(new TwinRequest([s_dash, new("tar", "1.35-3", "arm64")], [])));

    [Fact]
    public void A_twin_whose_package_is_going_to_be_another_suits_not()
        => Assert.Equal((false, ""), Asked(new TwinRequest([s_dash], ["sed"])));

    private static (bool Suits, string Missing) Asked(TwinRequest request)
        => (s_tree.Suits(request), string.Join(' ', s_tree.Missing(request).Select(p => p.Name)));

    [Fact]
    public void What_the_target_has_not_is_free()
    {
        var request = new TwinRequest([s_dash], ["sed"]);
        Assert.False(request.IsFree("dash"));
        Assert.False(request.IsFree("sed"));
        Assert.True(request.IsFree("tar"));
    }

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        using var folder = new TestFolder();
        Assert.Null(TwinList.Read(folder.Path));
        folder.Write("twins.json", "{");
        Assert.Null(TwinList.Read(folder.Path));
        s_tree.Write(folder.Path);
        Assert.Equal(s_tree.Asked, TwinList.Read(folder.Path)!.Asked);
        Assert.Equal(s_tree.Packages, TwinList.Read(folder.Path)!.Packages);
    }
}

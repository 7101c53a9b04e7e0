using W4b.Image.Diagnostics;

namespace W4b.Image.Tests;

public sealed class InputChangesTests
{
    private static readonly StageInput[] s_before =
        [new("packages", "nano vim zstd"), new("timezone", "Europe/Berlin"), new("script 1, setup.sh", new string('a', 64)), new("size", "0")];

    [Fact]
    public void Nothing_changed() => Assert.Null(InputChanges.Describe(s_before, s_before));

    [Fact]
    public void A_value_has_its_old_and_new_one()
        => Assert.Equal("timezone: Europe/Berlin -> Europe/Paris", Describe(new("timezone", "Europe/Paris")));

    [Fact]
    public void Of_a_list_what_came_and_went()
    {
        Assert.Equal("packages: +htop -vim", Describe(new("packages", "htop nano zstd")));
        Assert.Equal("packages: in another order", Describe(new("packages", "zstd vim nano")));
        Assert.Equal("packages: -nano -vim -zstd", Describe(new("packages", "")));
    }

    [Fact]
    public void Of_a_hash_the_first_digits()
        => Assert.Equal("script 1, setup.sh: aaaaaaaaaaaa -> bbbbbbbbbbbb", Describe(new("script 1, setup.sh", new string('b', 64))));

    [Fact]
    public void What_is_new_and_what_is_gone()
    {
        Assert.Equal("component sensors: none -> 1.0", InputChanges.Describe(s_before, [.. s_before, new("component sensors", "1.0")]));
        Assert.Equal("timezone: Europe/Berlin -> none", InputChanges.Describe(s_before, [.. s_before.Where(i => i.Name != "timezone")]));
    }

    [Fact]
    public void Of_many_three_are_named_and_a_long_value_is_cut()
    {
        var changes = InputChanges.Describe([], [new("a", new string('x', 200)), new("b", "1"), new("c", "1"), new("d", "1"), new("e", "1")]);
        Assert.Equal($"a: none -> {new string('x', 60)}…; b: none -> 1; c: none -> 1; and 2 more", changes);
    }

    private static string? Describe(StageInput changed) => InputChanges.Describe(s_before, [.. s_before.Select(i => i.Name == changed.Name ? changed : i)]);
}

using System.Text.Json.Nodes;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Imager;

namespace W4b.Image.Tests.Distribution;

/// <summary>Raspberry Pi Imager's list: what it needs, and what others wrote into it.</summary>
public sealed class ImagerListTests
{
    private const string Server = "https://images.example.org/";

    [Fact]
    public void An_entry_has_all_that_imager_requires()
    {
        var entry = JsonNode.Parse(ImagerList.Manifest(SampleImage.Facts, Server + "x.img.xz"))!["os_list"]![0]!;
        Assert.Equal("https://images.example.org/x.img.xz", (string?)entry["url"]);
        Assert.Equal(2147483648, (long)entry["extract_size"]!);
        Assert.Equal(345678901, (long)entry["image_download_size"]!);
        Assert.Equal(SampleImage.Facts.Image.Sha256, (string?)entry["extract_sha256"]);
        Assert.Equal(SampleImage.Facts.Archive.Sha256, (string?)entry["image_download_sha256"]);
        Assert.Equal("2026-01-02", (string?)entry["release_date"]);
        Assert.Equal(["pi3-64bit"], entry["devices"]!.AsArray().Select(d => (string?)d));
        Assert.Equal("none", (string?)entry["init_format"]);
        Assert.All(["name", "description", "icon"], key => Assert.NotEmpty(entry[key]!.GetValue<string>()));
    }

    [Fact]
    public void A_new_list_has_the_images_in_their_order() => Assert.Equal(["a", "b"], Urls(ImagerList.Merge(null, "list", [Image("a"), Image("b")], [])));

    [Fact]
    public void What_others_wrote_stays()
    {
        var merged = ImagerList.Merge("""
            {
              "imager": {"latest_version": "1.9"},
              "os_list": [
                {"name": "Ours by hand", "url": "https://images.example.org/a", "icon": "bee.png", "devices": ["pi3-64bit", "pi4-64bit"], "extract_size": 1},
                {"name": "Category", "subitems": [{"name": "Foreign", "url": "https://other.example.org/x", "extra": {"deep": [1, 2]}}]},
                {"name": "Remote", "subitems_url": "https://other.example.org/list.json"}
              ]
            }
            """, "list", [Image("a"), Image("b")], []);
        var list = JsonNode.Parse(merged)!;
        Assert.Equal("1.9", (string?)list["imager"]!["latest_version"]);
        Assert.Equal(("Ours by hand", "bee.png", 2147483648), ((string?)list["os_list"]![0]!["name"], (string?)list["os_list"]![0]!["icon"], (long)list["os_list"]![0]!["extract_size"]!));
        Assert.Equal(2, list["os_list"]![0]!["devices"]!.AsArray().Count);
        Assert.Equal("""{"name":"Foreign","url":"https://other.example.org/x","extra":{"deep":[1,2]}}""", list["os_list"]![1]!["subitems"]![0]!.ToJsonString());
        Assert.Equal("https://other.example.org/list.json", (string?)list["os_list"]![2]!["subitems_url"]);
        Assert.Equal(Server + "b", (string?)list["os_list"]![3]!["url"]);
        Assert.Equal(merged, ImagerList.Merge(merged, "list", [Image("a"), Image("b")], []));
    }

    [Fact]
    public void A_new_image_goes_before_the_hive_s_former_ones_into_their_category()
    {
        var merged = ImagerList.Merge("""{"os_list": [{"name": "Garden", "subitems": [{"url": "https://images.example.org/old"}]}, {"url": "https://x/y"}]}""",
            "list", [Image("new", "old", "older")], [Server + "older"]);
        var garden = JsonNode.Parse(merged)!["os_list"]![0]!["subitems"]!.AsArray();
        Assert.Equal([Server + "new", Server + "old"], garden.Select(e => (string?)e!["url"]));
    }

    [Fact]
    public void Removed_images_go_from_any_category()
        => Assert.Equal(["b"], Urls(ImagerList.Merge("""{"os_list": [{"subitems": [{"url": "https://images.example.org/a"}]}, {"url": "https://images.example.org/b"}, {"url": "https://images.example.org/a"}]}""",
            "list", [], [Server + "a"])));

    [Theory]
    [InlineData("{\n  \"os_list\": [\n    {\"name\": \"x\",}\n  ]\n}", "line 3")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{}", "no list \"os_list\"")]
    [InlineData("", "line 1")]
    public void A_list_that_cannot_be_read_is_an_error_and_not_replaced(string text, string said)
    {
        var failure = Assert.Throws<W4bException>(() => ImagerList.Merge(text, "sftp://server/os_list.json", [Image("a")], []));
        Assert.Equal(DiagnosticCode.ListUnreadable, failure.Diagnostics[0].Code);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.Contains("sftp://server/os_list.json", failure.Message, StringComparison.Ordinal);
    }

    private static ListedImage Image(string name, params string[] siblings)
        => new(Server + name, ImagerList.Entry(SampleImage.Facts, Server + name), [.. siblings.Select(s => Server + s)]);

    private static IEnumerable<string> Urls(string list)
        => JsonNode.Parse(list)!["os_list"]!.AsArray().Select(e => (string?)e!["url"]).OfType<string>().Select(u => u[Server.Length..]);
}

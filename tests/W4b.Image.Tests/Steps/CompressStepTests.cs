using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Steps;

/// <summary>What does not become an archive.</summary>
public sealed class CompressStepTests : IDisposable
{
    private static readonly DateTime Made = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hive.img", 1, "b")]
    // Made anew since, or another image.
    [InlineData("hive.img", -1, "a")]
    [InlineData("other.img", 1, "a")]
    public void Image_is_taken_as_it_is(string name, int hoursLater, string sha256)
    {
        var image = WithFacts(name, hoursLater);
        CompressStep.RequireUndamaged(image, sha256, _folder.Path);
        Assert.True(File.Exists(image));
    }

    [Fact]
    public void Image_that_changed_by_itself_since_its_archive_was_made_is_damaged_and_gone()
    {
        var image = WithFacts("hive.img", hoursLater: 1);
        var failure = Assert.Throws<W4bException>(() => CompressStep.RequireUndamaged(image, "a", _folder.Path));
        Assert.Equal(DiagnosticCode.ImageDamaged, failure.Diagnostics[0].Code);
        Assert.False(File.Exists(image));
        // The next build makes it, and its facts are older.
        CompressStep.RequireUndamaged(_folder.Write("hive.img", ""), "a", _folder.Path);
    }

    private string WithFacts(string of, int hoursLater)
    {
        var image = _folder.Write("hive.img", "");
        File.SetLastWriteTimeUtc(image, Made);
        var facts = _folder.Write(ImageFacts.FileName, ImageJson.Write(new ImageFacts("hive", "h", "h", 4, "arm64", default, "debian trixie", "0", "0", "0", new FileFacts(of, 1, "b"), new FileFacts("hive.img.xz", 1, "c"))));
        File.SetLastWriteTimeUtc(facts, Made.AddHours(hoursLater));
        return image;
    }
}

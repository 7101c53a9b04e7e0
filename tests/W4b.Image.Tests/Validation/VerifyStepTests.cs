using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;
using W4b.Image.Tests.Inspection;
using W4b.Image.Validation;

namespace W4b.Image.Tests.Validation;

/// <summary>An image with its sidecars is verified; whatever was done to one of them is found and named.</summary>
public sealed class VerifyStepTests(RuleCard card) : IClassFixture<RuleCard>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sound_image_passes(bool quick)
    {
        var image = await ArchiveAsync("hive_a");
        var summary = await VerifyAsync(image, quick);
        Assert.Contains("0 broken", summary, StringComparison.Ordinal);
        var report = Report();
        Assert.Equal(["archive", "checksum-file", "manifest"], report.Results.Take(3).Where(r => r.State == RuleState.Kept).Select(r => r.Rule.Name));
        Assert.Equal(quick ? RuleState.NotApplicable : RuleState.Kept, report.Results.Single(r => r.Rule.Name == "world-writable").State);
        Assert.Contains("partition-table", File.ReadAllText(_folder["verification.txt"]), StringComparison.Ordinal);
        Assert.Equal(["hive_a.img.xz", "hive_a.img.xz.sha256", "hive_a.json", "verification.json", "verification.sarif", "verification.txt"], _folder.Files);
    }

    [Fact]
    public async Task A_flipped_byte_anywhere_is_found()
    {
        var image = await ArchiveAsync("hive_a");
        File.Delete(image + ".sha256");
        File.Delete(_folder["hive_a.json"]);
        IReadOnlyList<(long Offset, string Says)> places;
        using (var archive = XzArchive.Open(image))
        {
            var block = archive.Blocks[archive.Blocks.Count / 2];
            places =
            [
                // The stream's header and footer, the index, and a block's header, data, padding and check.
                (2, ""), (7, "index"), (archive.Length - 1, ""), (archive.Length - 20, "index"),
                .. new[] { 0, 3, block.ArchiveSize / 2, block.UnpaddedSize - 1, block.ArchiveSize - 1 }
                    .Select(at => (block.ArchiveOffset + at, $"Block {archive.Blocks.Count / 2 + 1} of {archive.Blocks.Count} is damaged")),
            ];
        }

        foreach (var (offset, says) in places)
        {
            CardImageTests.Flip(image, offset);
            var error = await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image));
            Assert.True(error.Diagnostics[0].Message.Contains(says, StringComparison.OrdinalIgnoreCase), $"{offset}: {error.Message}");
            CardImageTests.Flip(image, offset);
        }

        await VerifyAsync(image);
    }

    [Fact]
    public async Task The_quick_form_checks_the_blocks_that_it_reads()
    {
        var image = await ArchiveAsync("hive_a");
        long read, unread;
        using (var archive = XzArchive.Open(image))
        {
            read = archive.Blocks.First(b => b.Offset + b.Size > 8192 * 512).ArchiveOffset + 30;
            unread = archive.Blocks[^1].ArchiveOffset + 30;
        }

        CardImageTests.Flip(image, unread);
        await VerifyAsync(image, quick: true);
        CardImageTests.Flip(image, read);
        var error = await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick: true));
        Assert.Contains(error.Diagnostics, d => d.Message.Contains("the check of block 2 of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_image_s_sidecars_are_named(bool quick)
    {
        var image = await ArchiveAsync("hive_a");
        await ArchiveAsync("hive_b", level: 1);
        File.Copy(_folder["hive_b.img.xz.sha256"], image + ".sha256", overwrite: true);
        var error = await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick));
        Assert.Contains(error.Diagnostics, d => d.Code.Id == "W4BV002" && d.Message.Contains("that of hive_b.img.xz", StringComparison.Ordinal));

        await File.WriteAllTextAsync(image + ".sha256", $"{ContentFile.Sha256OfFile(image)}  hive_a.img.xz\n");
        File.Copy(_folder["hive_b.json"], _folder["hive_a.json"], overwrite: true);
        error = await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick));
        Assert.Contains(error.Diagnostics, d => d.Code.Id == "W4BV003" && d.Message.Contains("that of hive_b", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_folder["hive_a.json"], "{}");
        Assert.Contains("no image's manifest", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checksum_that_is_another_s_is_found_whatever_its_name_is()
    {
        var image = await ArchiveAsync("hive_a");
        await File.WriteAllTextAsync(image + ".sha256", $"{new string('a', 64)}  hive_a.img.xz\n");
        Assert.Contains("the archive's SHA-256 is", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image))).Message, StringComparison.Ordinal);
        Assert.Contains("the manifest says", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick: true))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_hive_s_image_is_named(bool quick)
    {
        var image = await ArchiveAsync("hive_a");
        var json = _folder.Write("image.json", ImageJson.Write(RuleCard.Hive with { HiveId = "hive_b" }));
        var error = await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, quick, json));
        Assert.Equal(["W4BR010", "W4B5012"], error.Diagnostics.Select(d => d.Code.Id));
        Assert.Contains("that of the hive hive_a; the project's is hive_b", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["verification.json"]));
        Assert.True(File.Exists(_folder["verification.json.failed"]));
    }

    [Fact]
    public async Task A_raw_image_is_compared_with_its_manifest_and_may_be_on_a_longer_card()
    {
        var archive = await ArchiveAsync("hive_a");
        var image = _folder["card"];
        using (var decoder = Archives.OpenRead(archive))
        using (var raw = File.Create(image))
        {
            await decoder.CopyToAsync(raw);
            raw.SetLength(raw.Length + (32 << 20));
        }

        await VerifyAsync(image, manifest: _folder["hive_a.json"]);
        CardImageTests.Flip(image, 100);
        Assert.Contains("the image's SHA-256 is", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(image, manifest: _folder["hive_a.json"]))).Message, StringComparison.Ordinal);
        await VerifyAsync(image, quick: true, manifest: _folder["hive_a.json"]);
    }

    [Fact]
    public async Task What_is_no_image_is_told()
    {
        var nothing = _folder.Write("nothing.img", new byte[1 << 20]);
        Assert.Contains("no MBR signature", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(nothing))).Message, StringComparison.Ordinal);
        Assert.Equal(DiagnosticCode.FileAccess, (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(_folder["missing.img"]))).Diagnostics[0].Code);
        var half = await ArchiveAsync("hive_a");
        using (var file = File.OpenWrite(half))
            file.SetLength(file.Length / 2);
        Assert.Contains("cut off", (await Assert.ThrowsAsync<W4bException>(() => VerifyAsync(half))).Message, StringComparison.Ordinal);
    }

    private Task<string> VerifyAsync(string image, bool quick = false, string? imageJson = null, string? manifest = null)
        => VerifyStep.RunAsync(new VerifyRequest(image, manifest, imageJson, _folder["verification.json"], quick, []), card.Log, default);

    private ValidationReport Report() => ImageJson.Read<ValidationReport>(_folder["verification.json"]);

    // An archive with its sidecars, as a build writes them.
    private async Task<string> ArchiveAsync(string name, int level = 0)
    {
        var raw = await card.CopyAsync($"{Guid.NewGuid():N}.img");
        var archive = _folder[name + ".img.xz"];
        var result = await XzCompressor.CompressAsync(raw, archive, new XzOptions { Level = level, Threads = 1 }, card.Log, default);
        File.Delete(raw);
        await File.WriteAllTextAsync(archive + ".sha256", $"{result.ArchiveSha256}  {name}.img.xz\n");
        await File.WriteAllTextAsync(_folder[name + ".json"], ImageJson.Write(new ImageManifest(name, name, name, 4, "arm64", new ManifestBase("debian trixie", null, "0"), "abc", "0", null,
            new ManifestFile(name + ".img", result.RawBytes, result.RawSha256), new ManifestFile(name + ".img.xz", result.ArchiveBytes, result.ArchiveSha256), [])));
        return archive;
    }
}

using W4b.Image.Compression;
using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Layers;

/// <summary>Where hives write, blocks are small, and where content is alike they are large: of both file systems.</summary>
public sealed class ArchivePlacesTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    [Fact]
    public async Task A_hive_encodes_little_beside_what_it_writes()
    {
        await TinyCard.CreateAsync(_folder["layer.img"], _log);
        await SparseFile.CopyAsync(_folder["layer.img"], _folder["hive.img"], SparseFile.OwnerOnly, default);
        var plan = new FilePlan
        {
            Entries =
            [
                PlannedFile.OfText("/etc/hostname", "another\n"), PlannedFile.OfText("/usr/lib/w4b/tool", "#!/bin/sh\n"), new PlannedDirectory("/var/lib/w4b", PlanModes.PublicFolder),
                PlannedFile.OfText("/boot/firmware/extra.txt", "on the boot partition\n"), new PlannedBootLines("config.txt", "dtparam=i2c_arm=on\n"),
            ],
        };
        await ImageEdit.ApplyAsync(_folder["hive.img"], plan, _log, default);

        var layer = await CompressAsync("layer", null);
        XzReference.Complete(_folder["layer.xz"], layer);
        using var reference = XzReference.Open(_folder["layer.xz"])!;
        var hive = await CompressAsync("hive", reference);
        Assert.InRange(hive.EncodedBytes, XzCompressor.FineBlockSize, XzCompressor.BlockSize / 2);
        Assert.Equal((await CompressAsync("hive", null)).ArchiveSha256, hive.ArchiveSha256);
    }

    [Fact]
    public void Around_a_place_that_moves_by_what_a_hive_adds_the_blocks_mostly_stay()
    {
        const long mebibyte = 1 << 20;
        var places = Enumerable.Range(0, 64).Select(i => 700 * mebibyte + i * mebibyte / 64).ToList();
        Assert.All(places, place =>
        {
            var around = ArchivePlaces.Around(place).ToList();
            Assert.Equal(0, around[0] % mebibyte);
            Assert.InRange(place, around[0] + 256 * 1024, around[^1] + XzCompressor.FineBlockSize - 256 * 1024);
        });
        // When it moves by 64 KiB, of sixteen one crosses a multiple where the small blocks begin, and one where they end.
        Assert.Equal(64 - 8, places.Count(place => ArchivePlaces.Around(place).SequenceEqual(ArchivePlaces.Around(place + 64 * 1024))));
    }

    [Fact]
    public async Task Files_that_are_alike_are_in_one_block_on_either_file_system()
    {
        await TinyCard.CreateAsync(_folder["layer.img"], _log);
        var card = CardLayout.Read(_folder["layer.img"]);
        var variant = new byte[3 << 20];
        new Random(1).NextBytes(variant);
        using (var root = Ext4FileSystem.Open(_folder["layer.img"], card.Root.OffsetBytes, writable: true, TinyCard.Epoch))
        {
            foreach (var language in new[] { "de", "fr" })
            {
                root.CreateDirectory($"/usr/share/locale/{language}", PlanModes.PublicFolder, 0, 0, parents: true);
                root.WriteFile($"/usr/share/locale/{language}/texts.mo", variant, PlanModes.PublicFile, 0, 0, TinyCard.Epoch);
            }

            // Around the first free place blocks are small.
            root.WriteFile("/usr/share/behind", variant, PlanModes.PublicFile, 0, 0, TinyCard.Epoch);
        }

        var boot = new FatFileSystem(_log, _folder["layer.img"], card.Boot.OffsetBytes, TinyCard.Epoch);
        foreach (var loader in new[] { "/start_x.elf", "/start_db.elf" })
            await boot.WriteAsync(loader, variant, default);

        var layer = await CompressAsync("layer", null);

        Assert.Equal(2, layer.Blocks.Count(b => b.Size > XzCompressor.BlockSize));
        // The same bytes are there four times where they are alike, two times on either file system: there one of them is found again in the other. And once more behind.
        Assert.InRange(layer.ArchiveBytes, 3L * variant.Length, 7L * variant.Length / 2);
        Assert.Equal(File.ReadAllBytes(_folder["layer.img"]), Sample.Pipe([], "xz", "-dc", _folder["layer.xz"]));
    }

    public void Dispose() => _folder.Dispose();

    private Task<XzResult> CompressAsync(string name, XzReference? reference)
        => XzCompressor.CompressAsync(_folder[name + ".img"], _folder[name + ".xz"], new XzOptions { Level = 6, Places = ArchivePlaces.Of(_folder[name + ".img"]), Reference = reference }, _log, default);
}

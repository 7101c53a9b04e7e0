using W4b.Image.Compression;
using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Layers;

/// <summary>Where hives write, blocks are small: of both file systems.</summary>
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

    public void Dispose() => _folder.Dispose();

    private Task<XzResult> CompressAsync(string name, XzReference? reference)
        => XzCompressor.CompressAsync(_folder[name + ".img"], _folder[name + ".xz"], new XzOptions { Level = 0, Places = ArchivePlaces.Of(_folder[name + ".img"]), Reference = reference }, _log, default);
}

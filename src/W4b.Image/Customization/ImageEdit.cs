using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Customization;

/// <summary>Opens an image's file systems and applies a plan to them.</summary>
internal static class ImageEdit
{
    /// <summary>Applies <paramref name="plan"/> to the image, in place.</summary>
    public static async Task ApplyAsync(string image, FilePlan plan, IBuildLog log, CancellationToken cancellation)
    {
        var card = CardLayout.Read(image);
        var epoch = BuildEpoch.Current;
        IReadOnlyList<BootFile> bootFiles;
        using (var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: true, epoch))
            bootFiles = new PlanApplier(root, epoch, log).Apply(plan);

        // After the root is closed: both hold a lock on the image.
        var boot = new FatFileSystem(log, image, card.Boot.OffsetBytes, epoch);
        foreach (var file in bootFiles)
            await boot.WriteAsync(file.Path, file.Make(file.IsEdit ? await boot.ReadAsync(file.Path, cancellation).ConfigureAwait(false) : []), cancellation).ConfigureAwait(false);
    }
}

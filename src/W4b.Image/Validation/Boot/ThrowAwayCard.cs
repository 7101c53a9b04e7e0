using System.Numerics;
using System.Text;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Boot;

/// <summary>A copy of an image on a larger card, with the self-test in it. The image itself is never booted.</summary>
internal static class ThrowAwayCard
{
    /// <summary>Makes the copy at <paramref name="card"/>. It holds the hive's secrets: its owner alone can read it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="card">The copy.</param>
    /// <param name="assertions">What the self-test asserts.</param>
    /// <param name="replaced">Files that stand in the place of the image's, root's.</param>
    /// <param name="machine">The machine that it is for.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static async Task CreateAsync(string image, string card, IEnumerable<BootAssertion> assertions, IEnumerable<PlannedFile> replaced, BootMachine machine,
        CancellationToken cancellation)
    {
        await SparseFile.CopyAsync(image, card, SparseFile.OwnerOnly, cancellation).ConfigureAwait(false);
        await using (var file = new FileStream(card, FileMode.Open, FileAccess.Write))
            // QEMU's SD card has a power of two; and there is something to grow into.
            file.SetLength((long)BitOperations.RoundUpToPowerOf2((ulong)file.Length + (64UL << 20)));

        using var root = Ext4FileSystem.Open(card, CardLayout.Read(card).Root.OffsetBytes, writable: true, BuildEpoch.Current);
        root.CreateDirectory(Path.GetDirectoryName(SelfTest.Program)!, PlanModes.PublicFolder, 0, 0, parents: true);
        root.WriteFile(SelfTest.Program, Encoding.UTF8.GetBytes(SelfTest.Script(assertions)), PlanModes.PublicFile, 0, 0);
        foreach (var file in replaced)
            root.WriteFile(file.Path, file.Content.Span, file.Mode, 0, 0);
        const string units = "/etc/systemd/system";
        root.WriteFile($"{units}/{SelfTest.Unit}", Encoding.UTF8.GetBytes(SelfTest.UnitText(machine.ChannelDevice)), PlanModes.PublicFile, 0, 0);
        root.CreateDirectory($"{units}/multi-user.target.wants", PlanModes.PublicFolder, 0, 0, parents: true);
        root.CreateSymlink($"{units}/multi-user.target.wants/{SelfTest.Unit}", $"{units}/{SelfTest.Unit}");
    }
}

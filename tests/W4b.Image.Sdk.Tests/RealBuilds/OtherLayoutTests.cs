using System.Security.Cryptography;
using W4b.Image.Disk;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// A base image by URL, laid out as another publisher does: partitions on 4 MiB borders, as Raspberry Pi OS had them before 2025,
/// packed as it packs them. Its files are those of the Debian base, so that it boots here.
/// </summary>
[Collection(ImageTests.Name)]
[Trait("Category", "Image")]
public sealed class OtherLayoutTests(SdkPackage package)
{
    private const uint DiskId = 0x00c0ffee;

    [Fact]
    public void A_base_of_another_layout_keeps_it_and_boots()
    {
        var project = new HiveProject(package, yaml: "", fake: false);
        var moved = project.At("other.img");
        Move(RealImages.RawImage(RealImages.Of(package).Own), moved, project);
        var pack = project.Command.Run("xz", "-0k", "-T2", moved);
        Assert.True(pack.ExitCode == 0, pack.Output);
        var archive = moved + ".xz";
        using (var stream = File.OpenRead(archive))
            project.Write("hive.yaml", $$"""
                hive_id: hive_elsewhere
                base_image:
                  url: other.img.xz
                  checksum: {{Convert.ToHexStringLower(SHA256.HashData(stream))}}
                  model: 4
                system: {locale: C.UTF-8, timezone: America/New_York}
                image: {size: 3G}

                """);
        project.MustBuild("-t:ValidateImage");

        var image = RealImages.RawImage(project);
        Assert.StartsWith("w4b_pi4_hive_elsewhere_", Path.GetFileName(image), StringComparison.Ordinal);
        Assert.Equal(3L << 30, new FileInfo(image).Length);
        var card = CardLayout.Read(image);
        Assert.Equal((DiskId, 8192L, 2), (card.DiskId, card.Boot.StartSector, card.Root.Number));

        // All that was in the base's root is in the image's as it was, but for what this hive says itself.
        var (before, after) = (TreeListing.Of(moved), TreeListing.Of(image));
        var changed = before.Keys.Union(after.Keys).Where(p => before.GetValueOrDefault(p) != after.GetValueOrDefault(p)).Order(StringComparer.Ordinal).ToList();
        string[] ours = ["/etc/", "/usr/lib/w4b/", "/usr/bin/w4b-status"];
        Assert.DoesNotContain(changed, path => !ours.Any(o => path.StartsWith(o, StringComparison.Ordinal)));
        Assert.Contains("/etc/hostname", changed);

        // As a Raspberry Pi's SD card, with the kernel, initial RAM disk, device tree and command line that its config.txt tells; before it gets its archive.
        string[] build = ["-p:W4bBootTest=true", "-p:W4bBootMachine=raspi3b", "-p:W4bKeepRawImage=false", "-p:W4bCompressionLevel=0"];
        Assert.Equal(["BeginCompression", "BootTest", "CompressImage"], project.MustBuild(build).OwnTasks);
        Assert.Equal("raspi3b", BootReports.Of(project).Machine);
        Assert.Contains(BootReports.Of(project).Results, r => r.Id == "hostname" && r.Evidence.Trim() == "hive-elsewhere");
        Assert.Contains("<section id=\"boot\">", File.ReadAllText(Assert.Single(Directory.GetFiles(project.At("bin"), "*.report.html"))), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(project.At("obj"), "*.img"));
        Assert.Empty(project.MustBuild(build).OwnTasks);
    }

    // The same file systems at other places under another disk id; its own files name the new one.
    private static void Move(string source, string target, HiveProject project)
    {
        var from = CardLayout.Read(source);
        var boot = from.Boot with { StartSector = 8192 };
        var root = from.Root with { StartSector = 8192 + boot.SectorCount };
        SparseFile.Create(target, root.EndSector * PartitionTable.SectorSize);
        new PartitionTable(DiskId, [boot, root]).WriteTo(target);
        Copy(source, from.Boot.OffsetBytes, target, boot.OffsetBytes, boot.LengthBytes);
        Copy(source, from.Root.OffsetBytes, target, root.OffsetBytes, root.LengthBytes);

        project.Write("cmdline.txt", $"console=tty0 root=PARTUUID={DiskId:x8}-02 rw rootwait\n");
        var mcopy = project.Command.Run("mcopy", "-o", "-i", $"{target}@@{boot.OffsetBytes}", "cmdline.txt", "::/cmdline.txt");
        Assert.True(mcopy.ExitCode == 0, mcopy.Output);
        using var ext4 = Ext4FileSystem.Open(target, root.OffsetBytes, writable: true, TreeListing.AnyTime);
        var fstab = ext4.Stat("/etc/fstab");
        ext4.WriteFile("/etc/fstab", System.Text.Encoding.UTF8.GetBytes(ext4.ReadAllText("/etc/fstab").Replace($"{from.DiskId:x8}-", $"{DiskId:x8}-", StringComparison.Ordinal)),
            fstab.Mode, fstab.Uid, fstab.Gid);
    }

    private static void Copy(string source, long from, string target, long to, long length)
    {
        using var input = File.OpenRead(source);
        using var output = new FileStream(target, FileMode.Open, FileAccess.Write);
        input.Position = from;
        output.Position = to;
        var buffer = new byte[1 << 20];
        for (var left = length; left > 0;)
        {
            var got = input.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            output.Write(buffer, 0, got);
            left -= got;
        }
    }
}

using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Tools;

namespace W4b.Image.Tests;

/// <summary>A small card image with real file systems and the few files that plans and rules look at.</summary>
internal static class TinyCard
{
    public static readonly DateTimeOffset Epoch = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private const uint DiskId = 0x1234abcd;

    public static async Task<string> CreateAsync(string path, IBuildLog log)
    {
        var table = new PartitionTable(DiskId,
        [
            new Partition(1, Partition.Fat32Lba, false, 8192, 131072),
            new Partition(2, Partition.Linux, false, 139264, 131072),
        ]);
        SparseFile.Create(path, (139264L + 131072) * PartitionTable.SectorSize);
        table.WriteTo(path);
        var (boot, root) = (table.Partitions[0], table.Partitions[1]);
        var fat = new FatFileSystem(log, path, boot.OffsetBytes, Epoch);
        await fat.CreateAsync("bootfs", DiskId, boot.LengthBytes, CancellationToken.None);
        foreach (var (name, text) in new[]
                 {
                     ("/config.txt", "arm_64bit=1\nkernel=vmlinuz\ninitramfs initrd.img\n"), ("/cmdline.txt", "console=tty0 root=PARTUUID=1234abcd-02 rw rootwait \n"),
                     ("/vmlinuz", "kernel"), ("/initrd.img", "initramfs"),
                     ("/start4.elf", "firmware"), ("/fixup4.dat", "firmware"), ("/bcm2711-rpi-4-b.dtb", "device tree"),
                 })
            await fat.WriteAsync(name, Encoding.ASCII.GetBytes(text), CancellationToken.None);

        var fileSystem = new Mke2fs(root.LengthBytes, Guid.Parse("11111111-2222-3333-4444-555555555555"), "rootfs");
        await HostTool.Mke2fs.RunAsync(log, fileSystem.Arguments(path, root.OffsetBytes, null), CancellationToken.None);
        using var ext4 = Ext4FileSystem.Open(path, root.OffsetBytes, writable: true, Epoch);
        foreach (var folder in new[]
                 {
                     "/etc/ssh/sshd_config.d", "/usr/lib/systemd/system", "/boot/firmware", "/home", "/usr/share/zoneinfo/Europe", "/usr/bin", "/usr/sbin",
                     "/var/lib/dpkg/info",
                 })
            ext4.CreateDirectory(folder, (UnixFileMode)0b111_101_101, 0, 0, parents: true);
        void Write(string file, string text, int mode = 0b110_100_100) => ext4.WriteFile(file, Encoding.UTF8.GetBytes(text), (UnixFileMode)mode, 0, 0, Epoch);
        void Program(string file) => Write(file, "program", 0b111_101_101);
        ext4.CreateSymlink("/bin", "usr/bin");
        foreach (var program in new[] { "/usr/bin/bash", "/usr/sbin/sshd", "/usr/bin/wg-quick", "/usr/bin/sudo" })
            Program(program);
        ext4.SetAttributes("/usr/bin/sudo", (UnixFileMode)0b100_111_101_101);
        Write("/var/lib/dpkg/status", "Package: dpkg\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1\n\nPackage: sudo\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1\n");
        Write("/var/lib/dpkg/info/sudo.list", "/.\n/usr\n/usr/bin\n/usr/bin/sudo\n");
        Write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
        Write("/etc/machine-id", "uninitialized\n", 0b100_100_100);
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
        Write("/etc/shadow", "root:*:20000:0:99999:7:::\n", 0b110_100_000);
        Write("/etc/group", "root:x:0:\nsudo:x:27:\n");
        Write("/etc/gshadow", "root:*::\nsudo:*::\n", 0b110_100_000);
        Write("/etc/fstab", "PARTUUID=1234abcd-01 /boot/firmware vfat defaults 0 2\nPARTUUID=1234abcd-02 / ext4 defaults,noatime 0 1\n");
        Write("/usr/share/zoneinfo/Europe/Berlin", "TZif");
        Write("/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n");
        Write("/usr/lib/systemd/system/wg-quick@.service", "[Service]\nExecStart=/usr/bin/wg-quick up %i\n[Install]\nWantedBy=multi-user.target\n");
        return path;
    }

    public static Ext4FileSystem OpenRoot(string image, bool writable = false)
        => Ext4FileSystem.Open(image, CardLayout.Read(image).Root.OffsetBytes, writable, Epoch);

    public static FatFileSystem Boot(string image, IBuildLog log) => new(log, image, CardLayout.Read(image).Boot.OffsetBytes, Epoch);
}

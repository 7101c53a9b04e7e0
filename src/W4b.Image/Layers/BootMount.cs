using W4b.Image.Disk;

namespace W4b.Image.Layers;

/// <summary>Where a root file system mounts its boot partition.</summary>
internal static class BootMount
{
    /// <summary>By fstab(5): the FAT below /boot. Without one /boot/firmware, where it is since Bookworm, or /boot, where it was before.</summary>
    public static string Find(Ext4FileSystem root)
        => (root.Find("/etc/fstab") is null ? "" : root.ReadAllText("/etc/fstab")).Split('\n')
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > 2 && f[0][0] != '#' && f[2] is "vfat" or "auto" && f[1].StartsWith("/boot", StringComparison.Ordinal))
            .Select(f => f[1]).FirstOrDefault()
            ?? (root.Find("/boot/firmware") is null ? "/boot" : "/boot/firmware");
}

using System.Text;
using W4b.Image.Disk;
using W4b.Image.Provisioning;

namespace W4b.Image.Customization;

/// <summary>Reads and writes an image's account files; each keeps its mode and owner.</summary>
internal static class AccountFiles
{
    /// <summary>The accounts of an image.</summary>
    public static AccountDatabase Read(Ext4FileSystem root)
        => new(root.ReadAllText("/etc/passwd"), root.ReadAllText("/etc/shadow"), root.ReadAllText("/etc/group"),
            root.Find("/etc/gshadow") is null ? null : root.ReadAllText("/etc/gshadow"));

    /// <summary>Writes the files in which <paramref name="after"/> differs from <paramref name="before"/>.</summary>
    public static void Write(Ext4FileSystem root, AccountDatabase before, AccountDatabase after, DateTimeOffset time)
    {
        WriteChanged(root, "/etc/passwd", before.Passwd, after.Passwd, time);
        WriteChanged(root, "/etc/shadow", before.Shadow, after.Shadow, time);
        WriteChanged(root, "/etc/group", before.Group, after.Group, time);
        if (after.Gshadow is not null)
            WriteChanged(root, "/etc/gshadow", before.Gshadow!, after.Gshadow, time);
    }

    private static void WriteChanged(Ext4FileSystem root, string path, string before, string after, DateTimeOffset time)
    {
        if (before == after)
            return;
        var entry = root.Stat(path);
        root.WriteFile(path, Encoding.UTF8.GetBytes(after), entry.Mode, entry.Uid, entry.Gid, time);
    }
}

using System.Security.Cryptography;
using W4b.Image.Disk;
using W4b.Image.Inspection;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>Everything in an image's root file system as lines: path, type, mode, owner, link, extended attributes, content.</summary>
internal static class TreeListing
{
    /// <summary>For opening: what is only read needs a time, but no certain one.</summary>
    public static readonly DateTimeOffset AnyTime = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    /// <summary>One line an entry, by path.</summary>
    public static Dictionary<string, string> Of(string image)
    {
        var card = CardLayout.Read(image);
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, AnyTime);
        return root.Walk().ToDictionary(e => e.Path, e => Line(root, e), StringComparer.Ordinal);
    }

    /// <summary>The text of one file.</summary>
    public static string Read(string image, string path)
    {
        using var card = CardImage.Open(image);
        return card.Root[path].ReadAllText();
    }

    private static string Line(Ext4FileSystem root, Ext4Entry entry)
    {
        var xattrs = string.Join(',', root.ReadXattrs(entry.Inode).OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Key}={Convert.ToHexString(x.Value)}"));
        var content = entry.Type == Ext4FileType.RegularFile ? Convert.ToHexString(SHA256.HashData(root.OpenRead(entry.Path))) : "";
        return $"{entry.Type} {Convert.ToString((int)entry.Mode, 8)} {entry.Uid}:{entry.Gid} {entry.LinkTarget} [{xattrs}] {content}";
    }
}

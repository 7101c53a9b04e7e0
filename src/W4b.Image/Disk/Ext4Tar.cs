using System.Formats.Tar;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>
/// An ext4 tree as a tar stream that <c>bsdtar -xp --numeric-owner</c> unpacks with owners, modes, times, hard links,
/// extended attributes (file capabilities among them) and POSIX ACLs.
/// </summary>
public static class Ext4Tar
{
    private static readonly Dictionary<string, string> s_aclKeywords = new()
    {
        [PosixAcl.AccessAttribute] = "SCHILY.acl.access",
        [PosixAcl.DefaultAttribute] = "SCHILY.acl.default",
    };

    // Names are taken byte by byte, whatever the locale of the program that unpacks: without this keyword of pax(1),
    // libarchive refuses in the C locale every name that is not ASCII.
    private static readonly KeyValuePair<string, string> s_rawNames = new("hdrcharset", "BINARY");

    /// <summary>
    /// Writes the whole tree but for device nodes and sockets, which a user namespace cannot make and a running system makes
    /// itself, and <c>lost+found</c>, which the next file system brings.
    /// </summary>
    /// <param name="fileSystem">The tree; not changed, not used by others meanwhile.</param>
    /// <param name="output">Receives the archive; stays open.</param>
    /// <param name="cancellation">Stops between files.</param>
    public static async Task WriteAsync(Ext4FileSystem fileSystem, Stream output, CancellationToken cancellation)
    {
        var firstPaths = new Dictionary<uint, string>();
        var writer = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
            foreach (var entry in fileSystem.Walk())
            {
                if (!IsCarried(entry))
                    continue;
                var linkedTo = entry.Type != Ext4FileType.Directory && entry.LinkCount > 1 && !firstPaths.TryAdd(entry.Inode, NameOf(entry.Path))
                    ? firstPaths[entry.Inode]
                    : null;
                var item = Describe(fileSystem, entry, linkedTo);
                var content = linkedTo is null && entry is { Type: Ext4FileType.RegularFile, Size: > 0 } ? fileSystem.OpenRead(entry) : null;
                // What is read from is memory and a file of the host: there is nothing to wait for when it is closed.
                using (content)
                {
                    // Even null is refused for what can have no content.
                    if (content is not null)
                        item.DataStream = content;
                    await writer.WriteEntryAsync(item, cancellation).ConfigureAwait(false);
                }
            }
    }

    private static bool IsCarried(Ext4Entry entry)
        => entry.Path != "/lost+found"
            && entry.Type is not (Ext4FileType.CharacterDevice or Ext4FileType.BlockDevice or Ext4FileType.Socket);

    private static PaxTarEntry Describe(Ext4FileSystem fileSystem, Ext4Entry entry, string? linkedTo)
    {
        var type = linkedTo is not null ? TarEntryType.HardLink : entry.Type switch
        {
            Ext4FileType.Directory => TarEntryType.Directory,
            Ext4FileType.SymbolicLink => TarEntryType.SymbolicLink,
            Ext4FileType.Fifo => TarEntryType.Fifo,
            _ => TarEntryType.RegularFile,
        };
        var name = NameOf(entry.Path) + (type == TarEntryType.Directory ? "/" : "");
        var item = new PaxTarEntry(type, name, linkedTo is null ? Keywords(fileSystem, entry) : [s_rawNames])
        {
            Mode = entry.Mode,
            Uid = Id(entry.Uid, entry.Path),
            Gid = Id(entry.Gid, entry.Path),
            ModificationTime = entry.ModifiedTime.ToDateTimeOffset(),
        };
        if ((linkedTo ?? entry.LinkTarget) is { } target)
            item.LinkName = target;
        return item;
    }

    private static List<KeyValuePair<string, string>> Keywords(Ext4FileSystem fileSystem, Ext4Entry entry)
        => [s_rawNames, .. fileSystem.ReadXattrs(entry.Inode).Select(attribute => s_aclKeywords.TryGetValue(attribute.Key, out var acl)
            ? KeyValuePair.Create(acl, PosixAcl.ToText(attribute.Value))
            // libarchive's own keyword: tar(5).
            : KeyValuePair.Create("LIBARCHIVE.xattr." + attribute.Key, Convert.ToBase64String(attribute.Value)))];

    private static int Id(uint id, string path)
        => id <= int.MaxValue ? (int)id : throw DiagnosticCode.DamagedFileSystem.Error($"{path} has the owner or group {id}, which no system uses.");

    private static string NameOf(string path) => "." + path.TrimEnd('/');
}

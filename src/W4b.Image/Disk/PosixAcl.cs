using System.Buffers.Binary;
using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>POSIX access control lists as ext4 keeps them on disk (fs/ext4/acl.h: struct ext4_acl_header and its entries).</summary>
public static class PosixAcl
{
    /// <summary>The attribute with a file's ACL.</summary>
    public const string AccessAttribute = "system.posix_acl_access";

    /// <summary>The attribute with the ACL that new files in a folder get.</summary>
    public const string DefaultAttribute = "system.posix_acl_default";

    /// <summary>The ACL as text with numeric ids, entries separated by commas: <c>user::rw-,user:1000:r--,...</c> (acl(5)).</summary>
    /// <param name="value">The attribute's value on disk.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/> when the value is no ACL of version 1.</exception>
    public static string ToText(ReadOnlySpan<byte> value)
    {
        var whole = value;
        if (value.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(value) != 1)
            throw Damaged(whole);
        value = value[4..];
        var entries = new List<string>();
        while (value.Length >= 4)
        {
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(value);
            var permissions = BinaryPrimitives.ReadUInt16LittleEndian(value[2..]);
            // Only entries for a named user or group carry an id.
            var named = tag is 0x02 or 0x08;
            if (named && value.Length < 8)
                throw Damaged(whole);
            var id = named ? BinaryPrimitives.ReadUInt32LittleEndian(value[4..]).ToString(CultureInfo.InvariantCulture) : "";
            var kind = tag switch
            {
                0x01 or 0x02 => "user",
                0x04 or 0x08 => "group",
                0x10 => "mask",
                0x20 => "other",
                _ => throw Damaged(whole),
            };
            entries.Add($"{kind}:{id}:{Letters(permissions)}");
            value = value[(named ? 8 : 4)..];
        }

        return value.IsEmpty ? string.Join(',', entries) : throw Damaged(whole);
    }

    private static string Letters(int permissions)
        => $"{((permissions & 4) != 0 ? 'r' : '-')}{((permissions & 2) != 0 ? 'w' : '-')}{((permissions & 1) != 0 ? 'x' : '-')}";

    private static W4bException Damaged(ReadOnlySpan<byte> value)
        => DiagnosticCode.DamagedFileSystem.Error($"This is no POSIX ACL: {Convert.ToHexString(value)}.");
}

using System.Globalization;

namespace W4b.Image.Disk;

/// <summary>
/// How an ext4 root file system is made: with a fixed list of features and sizes, so that neither the version nor the
/// configuration of the host's mke2fs matters. It is the layout of Raspberry Pi OS's own card.
/// </summary>
/// <param name="Length">The file system's length in bytes; a multiple of <see cref="BlockSize"/>, 16 MiB or more.</param>
/// <param name="Uuid">The file system's UUID, also the seed of its directory hashes.</param>
/// <param name="Label">The volume label, at most 16 bytes.</param>
public sealed record Mke2fs(long Length, Guid Uuid, string Label)
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockSize = 4096;

    // Not 64bit, huge_file, metadata_csum_seed or orphan_file: Raspberry Pi OS does without. resize_inode lets the root
    // file system grow while it is mounted, when the card starts for the first time.
    private const string Features = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,"
        + "large_file,dir_nlink,extra_isize,metadata_csum";

    /// <summary>Variables for <c>mke2fs</c>: the host's mke2fs.conf is not read.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; }
        = new Dictionary<string, string> { ["MKE2FS_CONFIG"] = "/dev/null" };

    /// <summary>The arguments for <c>mke2fs</c>, see mke2fs(8). What it leaves to the clock, <see cref="Ext4FileSystem.NormalizeTimes"/> sets.</summary>
    /// <param name="imagePath">The image, of its full length already.</param>
    /// <param name="offsetBytes">Where the file system begins in it.</param>
    /// <param name="tree">The folder whose content it gets; null for an empty file system.</param>
    public IReadOnlyList<string> Arguments(string imagePath, long offsetBytes, string? tree = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Length % BlockSize, 0, nameof(Length));
        List<string> arguments =
        [
            "-q", "-F", "-O", Features, "-b", Number(BlockSize), "-I", "256", "-i", "16384", "-G", "16",
            "-J", $"size={Number(JournalMebibytes)}", "-m", "1", "-U", Uuid.ToString("D"), "-L", Label,
            // Of several -E only the last would count.
            "-E", $"offset={Number(offsetBytes)},hash_seed={Uuid:D},lazy_itable_init=0,lazy_journal_init=0,nodiscard",
        ];
        if (tree is not null)
            arguments.AddRange(["-d", tree]);
        arguments.AddRange([imagePath, Number(Length / BlockSize)]);
        return arguments;
    }

    // What mke2fs itself gives file systems of these sizes, said here since its table has changed before.
    private long JournalMebibytes => Length switch
    {
        >= 2L << 30 => 64,
        >= 1L << 30 => 32,
        >= 1L << 27 => 16,
        _ => 4,
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

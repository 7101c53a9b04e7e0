namespace W4b.Image.Disk;

/// <summary>What the superblock says about the whole file system.</summary>
/// <param name="BlockSize">Bytes in a block.</param>
/// <param name="Blocks">Blocks in all.</param>
/// <param name="FreeBlocks">Blocks in no use.</param>
/// <param name="Inodes">Inodes in all.</param>
/// <param name="FreeInodes">Inodes in no use.</param>
/// <param name="Uuid">The file system's UUID.</param>
/// <param name="Label">The volume label, empty when it has none.</param>
/// <param name="State">s_state: 1 clean, 2 errors were seen.</param>
/// <param name="CompatibleFeatures">s_feature_compat.</param>
/// <param name="IncompatibleFeatures">s_feature_incompat.</param>
/// <param name="ReadOnlyCompatibleFeatures">s_feature_ro_compat.</param>
public sealed record Ext4Statistics(int BlockSize, long Blocks, long FreeBlocks, long Inodes, long FreeInodes, Guid Uuid,
    string Label, int State, uint CompatibleFeatures, uint IncompatibleFeatures, uint ReadOnlyCompatibleFeatures)
{
    /// <summary>The length of the file system in bytes.</summary>
    public long LengthBytes => Blocks * BlockSize;

    /// <summary>The bytes in use, the file system's own structures included.</summary>
    public long UsedBytes => (Blocks - FreeBlocks) * BlockSize;
}

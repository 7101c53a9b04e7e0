namespace W4b.Image.Disk;

public sealed unsafe partial class Ext4FileSystem
{
    private const long NoSuchBlock = 2; // ENOENT

    /// <summary>
    /// What the block bitmaps say is in use, the file system's own structures and its unused boot block included: ranges in bytes from the
    /// file system's start, ascending.
    /// </summary>
    /// <exception cref="Diagnostics.W4bException">The bitmaps cannot be read.</exception>
    public IReadOnlyList<ByteRange> UsedRanges()
    {
        if (*(nint*)(Fs + Ext2Fs.BlockMapOffset) == 0)
            Check(Ext2Fs.ReadBitmaps(Fs), "reading the block bitmaps of", "/");
        var bitmap = *(nint*)(Fs + Ext2Fs.BlockMapOffset);
        var size = Statistics.BlockSize;
        // With blocks of 1 KiB the bitmaps begin at block 1; block 0 is the boot block's.
        var first = size == 1024 ? 1UL : 0;
        var last = (ulong)Statistics.Blocks - 1;
        var ranges = new List<ByteRange>();
        if (first > 0)
            ranges.Add(new ByteRange(0, size));
        for (var at = first; at <= last;)
        {
            if (!Found(Ext2Fs.FindFirstUsedBlock(bitmap, at, last, out var start)))
                break;
            if (!Found(Ext2Fs.FindFirstFreeBlock(bitmap, start, last, out var end)))
                end = last + 1;
            ranges.Add(new ByteRange((long)start * size, (long)end * size));
            at = end;
        }

        return ranges;
    }

    private bool Found(long code)
    {
        if (code != NoSuchBlock)
            Check(code, "reading the block bitmaps of", "/");
        return code == 0;
    }
}

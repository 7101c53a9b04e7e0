namespace W4b.Image.Compression;

/// <summary>
/// The SHA-256 of an image whose blocks arrive in order. As long as they are the reference's own, nothing is hashed: the reference
/// has the state of its hash before each of its blocks, and the first block that differs is where the work begins.
/// </summary>
/// <param name="length">The image's size, in bytes.</param>
/// <param name="reference">An archive of an image that may begin alike.</param>
internal sealed class RawHash(long length, XzReference? reference)
{
    private static readonly byte[] s_zeros = new byte[64 * 1024];
    private readonly List<string> _states = [];
    private Sha256Stream? _hash;

    /// <summary>The states before the blocks so far.</summary>
    public IReadOnlyList<string> States => _states;

    /// <summary>Takes the next block.</summary>
    public void Append(long offset, ReadOnlySpan<byte> block)
    {
        if (Begin(offset, block.Length, _hash is null ? BlockHash.Of(block) : ""))
            _hash!.Append(block);
    }

    /// <summary>Takes a whole block of zeros.</summary>
    public void AppendZeros(long offset)
    {
        if (Begin(offset, XzCompressor.BlockSize, BlockHash.OfZeros))
            for (var done = 0; done < XzCompressor.BlockSize; done += s_zeros.Length)
                _hash!.Append(s_zeros);
    }

    /// <summary>Ends: 64 lower-case hexadecimal digits.</summary>
    public string Finish() => (_hash ?? new Sha256Stream()).Finish();

    private bool Begin(long offset, int size, string blockHash)
    {
        if (_hash is null)
        {
            // Only where there is a state to go on from behind it: not behind the last block.
            if (offset + size < length && reference?.StateBefore(offset + size) is not null && reference.StateBefore(offset, size, blockHash) is { } state)
            {
                _states.Add(state);
                return false;
            }

            _hash = offset == 0 ? new Sha256Stream() : new Sha256Stream(reference!.StateBefore(offset)!, offset);
        }

        _states.Add(_hash.State);
        return true;
    }
}

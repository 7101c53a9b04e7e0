namespace W4b.Image.Compression;

/// <summary>
/// The SHA-256 of an image whose blocks arrive in order. As long as they are the reference's own, nothing is hashed: the reference
/// has the state of its hash before each of its blocks, and the first block that differs is where the work begins.
/// </summary>
/// <param name="length">The image's size, in bytes.</param>
/// <param name="reference">An archive of an image that may begin alike.</param>
internal sealed class RawHash(long length, XzReference? reference)
{
    private readonly List<string> _states = [];
    private Sha256Stream? _hash;

    /// <summary>Whether blocks are hashed: none can be skipped any more.</summary>
    public bool HasBegun => _hash is not null;

    /// <summary>The states before the blocks so far.</summary>
    public IReadOnlyList<string> States => _states;

    /// <summary>Skips the next block when it is the reference's.</summary>
    /// <returns>False when it has to be hashed.</returns>
    public bool TrySkip(long offset, int size, string blockHash)
    {
        // Only where there is a state to go on from behind it: not behind the last block.
        if (offset + size >= length || reference?.StateBefore(offset + size) is null || reference.StateBefore(offset, size, blockHash) is not { } state)
            return false;
        _states.Add(state);
        return true;
    }

    /// <summary>Begins the block at <paramref name="offset"/>; its bytes follow.</summary>
    public void Begin(long offset)
    {
        _hash ??= offset == 0 ? new Sha256Stream() : new Sha256Stream(reference!.StateBefore(offset)!, offset);
        _states.Add(_hash.State);
    }

    /// <summary>Takes the next bytes of a block that was begun.</summary>
    public void Append(ReadOnlySpan<byte> data) => _hash!.Append(data);

    /// <summary>Ends: 64 lower-case hexadecimal digits.</summary>
    public string Finish() => (_hash ?? new Sha256Stream()).Finish();
}

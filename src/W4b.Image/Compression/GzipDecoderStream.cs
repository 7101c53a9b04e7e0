using System.IO.Compression;

namespace W4b.Image.Compression;

/// <summary>
/// The data of a .gz file: all its members, and an error where the file ends too early. <see cref="GZipStream"/> alone
/// takes the end of the file for the end of the data, wherever it is, so a member of our own goes behind the file: it
/// is decoded only when everything before it is complete, its checksum included.
/// </summary>
internal sealed class GzipDecoderStream : ReadOnlyStream
{
    private static readonly byte[] Mark = "W4b: the .gz file ended here."u8.ToArray();
    private readonly GZipStream _decoder;
    // Data not handed out yet: the mark is recognized when nothing follows it.
    private readonly byte[] _held = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Reads <paramref name="input"/> from where it stands, and closes it in the end.</summary>
    public GzipDecoderStream(Stream input)
        => _decoder = new GZipStream(new Concatenation(input, new MemoryStream(Compressed(Mark))), CompressionMode.Decompress);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or incomplete.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _start <= Mark.Length)
        {
            _held.AsSpan(_start.._end).CopyTo(_held);
            (_start, _end) = (0, _end - _start);
            var read = _decoder.Read(_held.AsSpan(_end));
            _end += read;
            if (read > 0)
                continue;
            if (!_held.AsSpan(.._end).SequenceEqual(Mark))
                throw new InvalidDataException("the .gz file is incomplete or has other data behind it");
            _ended = true;
        }
        if (_ended)
            return 0;
        var count = Math.Min(buffer.Length, _end - _start - Mark.Length);
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _decoder.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Compressed(byte[] data)
    {
        var member = new MemoryStream();
        using (var encoder = new GZipStream(member, CompressionLevel.Optimal))
            encoder.Write(data);
        return member.ToArray();
    }

    /// <summary>One stream, then another.</summary>
    private sealed class Concatenation(Stream first, Stream second) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var read = first.Read(buffer);
            return read > 0 ? read : second.Read(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                first.Dispose();
                second.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}

using System.Runtime.InteropServices;
using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>
/// An encoder of liblzma, used for one LZMA2 stream after the other: it keeps its memory, tens of megabytes that the kernel would otherwise have to empty again
/// for each of them. One thread at a time.
/// </summary>
internal sealed unsafe class LzmaEncoder : IDisposable
{
    // In native memory, because liblzma keeps pointers to it from call to call.
    private LzmaStream* _stream = (LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream));

    ~LzmaEncoder() => Free();

    /// <summary>Encodes all of <paramref name="input"/>.</summary>
    /// <param name="filters">How.</param>
    /// <param name="input">The data, at least one byte.</param>
    /// <param name="output">Takes the stream, its end marker included.</param>
    /// <returns>How many bytes of <paramref name="output"/> it takes.</returns>
    public int Encode(LzmaFilter* filters, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        Check(lzma_raw_encoder(_stream, filters), nameof(lzma_raw_encoder));
        fixed (byte* from = input, to = output)
        {
            _stream->NextIn = from;
            _stream->AvailableIn = (nuint)input.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (nuint)output.Length;
            // All at once: liblzma would want more only where the output has no room.
            var result = lzma_code(_stream, LzmaAction.Finish) switch
            {
                LzmaResult.StreamEnd => LzmaResult.Ok,
                LzmaResult.Ok => LzmaResult.BufferError,
                var failure => failure,
            };
            Check(result, nameof(lzma_code));
            return output.Length - (int)_stream->AvailableOut;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_stream is null)
            return;
        lzma_end(_stream);
        NativeMemory.Free(_stream);
        _stream = null;
    }
}

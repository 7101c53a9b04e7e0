using System.Runtime.InteropServices;
using static W4b.Image.Compression.LibLzma;

namespace W4b.Image.Compression;

/// <summary>
/// The data of an .xz file: all its streams and blocks, every check verified, by one thread and in little memory. Files of several
/// blocks have <see cref="XzParallelDecoderStream"/>.
/// </summary>
internal sealed unsafe class XzDecoderStream : ReadOnlyStream
{
    private const int InputSize = 64 * 1024;
    private readonly Stream _input;
    // In native memory, because liblzma keeps pointers to both from call to call.
    private LzmaStream* _stream;
    private byte* _buffer;
    private LzmaAction _action = LzmaAction.Run;
    private bool _ended;

    /// <summary>Reads <paramref name="input"/> from where it stands, and closes it in the end.</summary>
    public XzDecoderStream(Stream input)
    {
        Require();
        _input = input;
        _stream = (LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream));
        _buffer = (byte*)NativeMemory.Alloc(InputSize);
        Check(lzma_stream_decoder(_stream, ulong.MaxValue, Concatenated), nameof(lzma_stream_decoder));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or incomplete.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        if (_ended || buffer.IsEmpty)
            return 0;
        fixed (byte* output = buffer)
        {
            _stream->NextOut = output;
            _stream->AvailableOut = (nuint)buffer.Length;
            while (!_ended && _stream->AvailableOut > 0)
            {
                if (_stream->AvailableIn == 0 && _action == LzmaAction.Run)
                {
                    _stream->NextIn = _buffer;
                    _stream->AvailableIn = (nuint)_input.Read(new Span<byte>(_buffer, InputSize));
                    if (_stream->AvailableIn == 0)
                        _action = LzmaAction.Finish;
                }
                switch (lzma_code(_stream, _action))
                {
                    case LzmaResult.Ok:
                        break;
                    case LzmaResult.StreamEnd:
                        _ended = true;
                        break;
                    case LzmaResult.BufferError:
                        throw new InvalidDataException("the .xz file is incomplete");
                    case LzmaResult.DataError or LzmaResult.FormatError:
                        throw new InvalidDataException("the .xz file's data are corrupt");
                    case var result:
                        throw new InvalidDataException($"liblzma cannot decode the .xz file ({result})");
                }
            }
            return buffer.Length - (int)_stream->AvailableOut;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _input.Dispose();
        if (_stream is not null)
        {
            lzma_end(_stream);
            NativeMemory.Free(_stream);
            NativeMemory.Free(_buffer);
            _stream = null;
            _buffer = null;
        }
        base.Dispose(disposing);
    }
}

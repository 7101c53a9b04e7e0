using W4b.Image.Diagnostics;

namespace W4b.Image.Compression;

/// <summary>
/// Compresses an image to one ordinary .xz stream of blocks of <see cref="BlockSize"/>, each encoded on its own, so that all
/// processors work and a later archive can take over blocks that did not change.
/// </summary>
public static class XzCompressor
{
    /// <summary>The raw size of a block, in bytes; the last one's is less, and that of one that is cut at other places.</summary>
    public const int BlockSize = 4 * 1024 * 1024;

    /// <summary>The largest raw size of a block where content is alike and images do not differ, in bytes.</summary>
    public const int CoarseBlockSize = 24 * 1024 * 1024;

    /// <summary>The raw size of a block where images are expected to differ or to be looked into, in bytes.</summary>
    public const int FineBlockSize = 32 * 1024;

    /// <summary>
    /// Compresses <paramref name="inputPath"/> to <paramref name="outputPath"/>, which appears when it is complete. The kernel has begun to
    /// write it to the disk; who needs it there after a power cut waits for that.
    /// </summary>
    /// <param name="inputPath">The raw image; holes in it cost nothing to read.</param>
    /// <param name="outputPath">The archive. It is written beside, as <c>outputPath.partial</c>, and replaces what is there.</param>
    /// <param name="options">Level, threads, memory and the archive's mode.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="cancellation">Stops after the blocks at work and removes the partial file.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.CompressionFailed"/>, <see cref="DiagnosticCode.NoSpace"/>
    /// or <see cref="DiagnosticCode.ToolMissing"/>.</exception>
    public static async Task<XzResult> CompressAsync(
        string inputPath, string outputPath, XzOptions options, IBuildLog log, CancellationToken cancellation)
    {
        LibLzma.Require();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(outputPath))!);
            return await CompressAsync(inputPath, outputPath, outputPath + ".partial", options, log, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailure.IsDiskFull(e))
        {
            throw IoFailure.Translate(e, outputPath);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw DiagnosticCode.CompressionFailed.Error($"{inputPath} cannot be compressed to {outputPath}: {e.Message.TrimEnd('.')}.", inner: e);
        }
    }

    private static async Task<XzResult> CompressAsync(
        string inputPath, string outputPath, string partial, XzOptions options, IBuildLog log, CancellationToken cancellation)
    {
        File.Delete(partial);
        var cores = options.Cores.Request(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        try
        {
            XzResult result;
            using (var input = File.OpenHandle(inputPath, options: FileOptions.SequentialScan))
            using (var output = new FileStream(partial, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                using (var pipeline = new XzPipeline(input, output, options with { Threads = cores }, log))
                    result = await pipeline.CompressAsync(cancellation).ConfigureAwait(false);
                File.SetUnixFileMode(output.SafeFileHandle, options.Mode);
            }
            File.Move(partial, outputPath, overwrite: true);
            return result;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        finally
        {
            options.Cores.Release(cores);
        }
    }
}

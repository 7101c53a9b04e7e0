using System.Security.Cryptography;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>
/// Puts files to a destination: under another name, read back, then renamed. So whoever looks there sees a whole file or none, and a file
/// that was cut off is continued. Two who put the same file do each other no harm.
/// </summary>
internal sealed class Uploader(IDestination destination, Patience patience, IBuildLog log)
{
    /// <summary>Puts a file there, unless it is there.</summary>
    /// <param name="path">The local file.</param>
    /// <param name="file">Its name there, size and hash.</param>
    /// <param name="known">Whether a list there says that it has this hash: then its size is enough.</param>
    /// <param name="cancellation">Stops between parts.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PublishFailed"/>, <see cref="DiagnosticCode.UploadDamaged"/>.</exception>
    public async Task PutAsync(string path, FileFacts file, bool known, CancellationToken cancellation)
    {
        var there = await patience.RunAsync(() => destination.SizeAsync(file.Name, cancellation), cancellation).ConfigureAwait(false);
        if (there == file.Bytes && (known || await HashAsync(file.Name, cancellation).ConfigureAwait(false) == file.Sha256))
        {
            log.Info($"{file.Name} is there already.");
            return;
        }

        log.Info($"Sending {file.Name} ({file.Bytes} bytes) to {destination.Description}.");
        var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using (content.ConfigureAwait(false))
            await PutAsync(content, file, cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts a text there in place of what has the name.</summary>
    public async Task PutTextAsync(string text, string name, CancellationToken cancellation)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        using var content = new MemoryStream(bytes);
        await PutAsync(content, new FileFacts(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), cancellation).ConfigureAwait(false);
    }

    /// <summary>A text there; null when there is none.</summary>
    public Task<string?> ReadTextAsync(string name, CancellationToken cancellation) => patience.RunAsync(async () =>
    {
        using var content = new MemoryStream();
        return await destination.ReadAsync(name, content, cancellation).ConfigureAwait(false) ? System.Text.Encoding.UTF8.GetString(content.ToArray()) : null;
    }, cancellation);

    /// <summary>Removes a file there.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellation) => patience.RunAsync(() => destination.DeleteAsync(name, cancellation), cancellation);

    private async Task PutAsync(Stream content, FileFacts file, CancellationToken cancellation)
    {
        // Named by its content: what stands there from before is the beginning of just this file.
        var aside = $"{file.Name}.{file.Sha256[..16]}.partial";
        for (var attempt = 1; ; attempt++)
        {
            await patience.RunAsync(() => destination.WriteAsync(aside, content, cancellation), cancellation).ConfigureAwait(false);
            var hash = await HashAsync(aside, cancellation).ConfigureAwait(false);
            if (hash != file.Sha256)
                await DeleteAsync(aside, cancellation).ConfigureAwait(false);
            else if (await RenameAsync(aside, file, cancellation).ConfigureAwait(false))
                return;

            // What was ours may be gone or begun anew, since somebody else just put the file there; who is still writing it finds out as we do here.
            var named = await HashAsync(file.Name, cancellation).ConfigureAwait(false);
            if (named == file.Sha256)
                return;
            if (attempt == 2)
                throw DiagnosticCode.UploadDamaged.Error($"{file.Name} in {destination.Description} has the sha256 {(hash == file.Sha256 ? named : hash) ?? "of nothing"}, not {file.Sha256}.");
            log.Info($"{file.Name} did not arrive whole; it is sent again.");
        }
    }

    // False when what was renamed is another one's of the same name, begun after ours was renamed by a third: it is shorter as yet.
    private async Task<bool> RenameAsync(string aside, FileFacts file, CancellationToken cancellation)
    {
        await patience.RunAsync(async () =>
        {
            try
            {
                await destination.RenameAsync(aside, file.Name, cancellation).ConfigureAwait(false);
            }
            catch (W4bException)
            {
                // It was renamed before the connection was lost, or by somebody else (and a third one may be writing it once more).
                if (await HashOnceAsync(file.Name, cancellation).ConfigureAwait(false) != file.Sha256)
                    throw;
            }
        }, cancellation).ConfigureAwait(false);
        return await patience.RunAsync(() => destination.SizeAsync(file.Name, cancellation), cancellation).ConfigureAwait(false) is not { } size || size == file.Bytes;
    }

    private Task<string?> HashAsync(string name, CancellationToken cancellation) => patience.RunAsync(() => HashOnceAsync(name, cancellation), cancellation);

    private async Task<string?> HashOnceAsync(string name, CancellationToken cancellation)
    {
        using var sha256 = SHA256.Create();
        using var hashing = new CryptoStream(Stream.Null, sha256, CryptoStreamMode.Write);
        if (!await destination.ReadAsync(name, hashing, cancellation).ConfigureAwait(false))
            return null;
        await hashing.FlushFinalBlockAsync(cancellation).ConfigureAwait(false);
        return Convert.ToHexStringLower(sha256.Hash!);
    }
}

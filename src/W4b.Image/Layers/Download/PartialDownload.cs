using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Compression;

namespace W4b.Image.Layers.Download;

/// <summary>A download that is not complete yet, and the hash of what is there. It outlives the build that began it.</summary>
internal sealed class PartialDownload : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _validatorFile;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SparseFileWriter _writer;

    private PartialDownload(string path)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _validatorFile = ValidatorFile(path);
        _writer = new SparseFileWriter(_file, RandomAccess.GetLength(_file));
    }

    /// <summary>What is there, in bytes.</summary>
    public long Length => _writer.Length;

    /// <summary>The hash of what is there.</summary>
    public Sha256Digest Sha256 => Sha256Digest.From(_hash.GetCurrentHash());

    /// <summary>
    /// What the server at <paramref name="url"/> said that the file is (RFC 9110 section 8.8), when what is there came from it: it
    /// sends the rest only when the file is still that one.
    /// </summary>
    public string? ValidatorOf(Uri url)
        => File.Exists(_validatorFile) && File.ReadAllLines(_validatorFile) is [var from, var validator] && from == DownloadUrl.Shown(url) ? validator : null;

    /// <summary>Keeps what the server at <paramref name="url"/> says that the file is; null when it says nothing of use.</summary>
    public void Remember(Uri url, string? validator)
    {
        if (validator is null)
            File.Delete(_validatorFile);
        else
            File.WriteAllText(_validatorFile, $"{DownloadUrl.Shown(url)}\n{validator}\n");
    }

    /// <summary>Removes the file at <paramref name="path"/> and what is known of it.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(ValidatorFile(path));
    }

    /// <summary>Makes the complete file at <paramref name="path"/> the file <paramref name="target"/>.</summary>
    public static void Complete(string path, string target)
    {
        File.Move(path, target, overwrite: true);
        File.Delete(ValidatorFile(path));
    }

    private static string ValidatorFile(string path) => path + ".validator";

    /// <summary>Opens the file at <paramref name="path"/>, or makes it, and hashes what is there.</summary>
    public static async Task<PartialDownload> OpenAsync(string path, CancellationToken cancellation)
    {
        var partial = new PartialDownload(path);
        try
        {
            var buffer = new byte[1024 * 1024];
            for (long offset = 0; offset < partial.Length;)
            {
                var read = await RandomAccess.ReadAsync(partial._file, buffer, offset, cancellation).ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException($"{path} became shorter while it was read.");
                partial._hash.AppendData(buffer, 0, read);
                offset += read;
            }
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Appends what arrived.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        _writer.Append(data);
        _hash.AppendData(data);
    }

    /// <summary>Forgets what is there.</summary>
    public void Restart()
    {
        _writer.Clear();
        _hash.GetHashAndReset();
    }

    /// <summary>Makes sure that all of it is on the disk.</summary>
    public void Flush()
    {
        _writer.Finish();
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Closes the file, which keeps what is there.</summary>
    public void Dispose()
    {
        if (!_file.IsClosed)
            _writer.Finish();
        _file.Dispose();
        _hash.Dispose();
    }
}

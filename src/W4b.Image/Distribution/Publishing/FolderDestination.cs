using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>A folder of this machine, or of one that it mounts.</summary>
/// <remarks>Nothing is first looked for and then used: between the two another publisher may rename or remove it.</remarks>
internal sealed partial class FolderDestination(string folder) : IDestination
{
    private const int EEXIST = 17;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public string Description => folder;

    public string Url => new Uri(folder.TrimEnd('/') + "/").AbsoluteUri;

    // One stat(2) answers both.
    public Task<long?> SizeAsync(string name, CancellationToken cancellation)
        => GuardAsync(name, () => Task.FromResult(new FileInfo(At(name)) is { Exists: true } file ? file.Length : (long?)null));

    public Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation) => GuardAsync(name, async () =>
    {
        FileStream file;
        try
        {
            file = new FileStream(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (IsMissing(e))
        {
            return false;
        }

        await using (file.ConfigureAwait(false))
            await file.CopyToAsync(target, cancellation).ConfigureAwait(false);
        return true;
    });

    public Task WriteAsync(string name, Stream content, CancellationToken cancellation) => GuardAsync(name, async () =>
    {
        Directory.CreateDirectory(folder);
        // Shared: another publisher of the same image writes the same bytes.
        var file = new FileStream(At(name), new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = Readable,
        });
        await using (file.ConfigureAwait(false))
        {
            if (file.Length > content.Length)
                file.SetLength(0);
            content.Position = file.Position = file.Length;
            await content.CopyToAsync(file, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        return true;
    });

    public Task RenameAsync(string name, string newName, CancellationToken cancellation)
        => GuardAsync(newName, () => { File.Move(At(name), At(newName), overwrite: true); return Task.FromResult(true); });

    public Task DeleteAsync(string name, CancellationToken cancellation) => GuardAsync(name, () => Remove(File.Delete, name));

    // By mkdir(2): Directory.CreateDirectory does not tell whether it made it.
    public Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation) => GuardAsync(name, () =>
    {
        Directory.CreateDirectory(folder);
        if (MakeDirectory(At(name), 0b111_101_101) == 0)
            return Task.FromResult(true);
        var error = Marshal.GetLastPInvokeError();
        return error == EEXIST ? Task.FromResult(false) : throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    });

    public Task DeleteFolderAsync(string name, CancellationToken cancellation) => GuardAsync(name, () => Remove(Directory.Delete, name));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string At(string name) => Path.Combine(folder, name);

    // Whether it was there.
    private Task<bool> Remove(Action<string> delete, string name)
    {
        try
        {
            delete(At(name));
            return Task.FromResult(true);
        }
        catch (Exception e) when (IsMissing(e))
        {
            return Task.FromResult(false);
        }
    }

    private static bool IsMissing(Exception exception) => exception is FileNotFoundException or DirectoryNotFoundException;

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    private async Task<T> GuardAsync<T>(string name, Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
            throw DiagnosticCode.PublishFailed.Error($"{At(name)}: {IoFailure.Translate(e, folder).Message}", inner: e);
        }
    }
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>
/// A folder that images are published to, somewhere. Names are those of files in it. A connection that breaks is a
/// <see cref="ConnectionLostException"/>, after which the destination can be used again; whatever the other side refuses is a
/// <see cref="W4bException"/>.
/// </summary>
internal interface IDestination : IAsyncDisposable
{
    /// <summary>What it is in messages; without credentials.</summary>
    string Description { get; }

    /// <summary>The URL of the folder for who has no other; the download server's when there is one.</summary>
    string Url { get; }

    /// <summary>The size of a file in bytes, or null.</summary>
    Task<long?> SizeAsync(string name, CancellationToken cancellation);

    /// <summary>Writes a file's bytes into <paramref name="target"/>; false when there is no such file.</summary>
    Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation);

    /// <summary>
    /// Writes a file from <paramref name="content"/>. Where a part of it may be there from before, continues behind that part: the content
    /// is then read from its end on.
    /// </summary>
    Task WriteAsync(string name, Stream content, CancellationToken cancellation);

    /// <summary>Gives a file another name, in one act; replaces what has it.</summary>
    Task RenameAsync(string name, string newName, CancellationToken cancellation);

    /// <summary>Removes a file, if it is there.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>Makes a folder; false when it is there already. Of two who try only one gets true.</summary>
    Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation);

    /// <summary>Removes an empty folder, if it is there.</summary>
    Task DeleteFolderAsync(string name, CancellationToken cancellation);
}

/// <summary>The connection to a destination broke, or was not made: worth another try.</summary>
internal sealed class ConnectionLostException(string message, Exception? inner = null) : Exception(message, inner);

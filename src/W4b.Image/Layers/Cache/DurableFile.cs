using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// What is in the cache, or delivered, is there whole or not at all, also after a power cut: it is written aside, its content brought to the disk,
/// and only then does it get its name.
/// </summary>
internal static partial class DurableFile
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <summary>Gives a file that was written aside its name, replacing what has it.</summary>
    public static void Move(string partial, string path)
    {
        Flush(partial);
        File.Move(partial, path, overwrite: true);
        Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes a text, replacing what is there. Any number of processes may do so at once; one of the texts stays.</summary>
    public static void Write(string path, string content)
    {
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        File.WriteAllText(partial, content);
        Move(partial, path);
    }

    /// <summary>Gives a folder that was written aside its name, which nothing may have. The files right in it are flushed.</summary>
    public static void MoveFolder(string partial, string path)
    {
        foreach (var file in Directory.GetFiles(partial))
            Flush(file);
        Flush(partial);
        Directory.Move(partial, path);
        Flush(Path.GetDirectoryName(path)!);
    }

    // A file or a folder; .NET itself opens no folders. What was written through another handle is flushed too, fsync(2).
    private static void Flush(string path)
    {
        using var handle = new SafeFileHandle(open(path, ReadOnly | CloseOnExec, 0), ownsHandle: true);
        if (handle.IsInvalid || fsync(handle) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw IoFailure.Translate(new IOException(Marshal.GetPInvokeErrorMessage(error), error), path);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);
}

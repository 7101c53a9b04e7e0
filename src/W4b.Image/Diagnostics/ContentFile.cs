using System.Security.Cryptography;
using System.Text;

namespace W4b.Image.Diagnostics;

/// <summary>Files that are known by their content.</summary>
public static class ContentFile
{
    /// <summary>
    /// Writes <paramref name="content"/> only when the file differs, so that its time stamp says when its content changed.
    /// It appears whole or not at all.
    /// </summary>
    public static void WriteWhenDifferent(string path, string content)
    {
        if (File.Exists(path) && File.ReadAllText(path) == content)
            return;
        WriteAtomically(path, content);
    }

    /// <summary>Writes <paramref name="content"/> beside <paramref name="path"/> and renames it there.</summary>
    public static void WriteAtomically(string path, string content)
    {
        var partial = path + ".partial";
        File.WriteAllText(partial, content, new UTF8Encoding(false));
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>The same for a file that only its owner can read, from its first byte on.</summary>
    public static void WritePrivately(string path, string content)
    {
        var partial = path + ".partial";
        File.Delete(partial); // another's mode would stay
        using (var stream = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
            stream.Write(Encoding.UTF8.GetBytes(content));
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>sha256 of a text's UTF-8 bytes, in lower-case hexadecimal digits.</summary>
    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>sha256 of a file, in lower-case hexadecimal digits.</summary>
    public static string Sha256OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

namespace W4b.Image.Disk;

/// <summary>Absolute paths inside an image.</summary>
internal static class Ext4Path
{
    internal static string Combine(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";

    internal static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    internal static void ThrowIfRelative(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw new ArgumentException($"Not an absolute path: {path}", nameof(path));
    }
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>
/// Keys that the build makes because the configuration names none: beside the project, in <c>keys/HIVE/</c>, so that neither a clean nor
/// another build loses them. A hive that is built again keeps its keys.
/// </summary>
internal static class KeyFolder
{
    /// <summary>Path of a key of <paramref name="hiveId"/>.</summary>
    public static string PathOf(string projectFile, string hiveId, string name)
        => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(projectFile))!, "keys", hiveId, name);

    /// <summary>Makes the key when it is not there yet, for its owner's eyes only, and keeps the folder out of git.</summary>
    /// <returns>Whether it was made now.</returns>
    public static bool MakeMissing(string path, Func<string> create)
    {
        if (File.Exists(path))
            return false;
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var ignore = Path.Combine(Path.GetDirectoryName(folder)!, ".gitignore");
        if (!File.Exists(ignore))
            ContentFile.WriteAtomically(ignore, "# Private keys.\n*\n");
        ContentFile.WritePrivately(path, create());
        return true;
    }
}

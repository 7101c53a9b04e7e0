using System.Runtime.CompilerServices;

namespace W4b.Image.Tests.Customization;

/// <summary>Images that look like the ones of Raspberry Pi OS, made by eng/raspios-lookalike.sh.</summary>
internal static class LookAlike
{
    /// <summary>Makes the image of a release in a folder, packed or not, and returns its path.</summary>
    public static string Make(string name, string folder, bool packed = false)
    {
        Sample.Pipe([], "env", $"XZ={(packed ? 1 : 0)}", Path.Combine(Repository(), "eng", "raspios-lookalike.sh"), name, folder);
        return Path.Combine(folder, name + (packed ? ".img.xz" : ".img"));
    }

    private static string Repository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}

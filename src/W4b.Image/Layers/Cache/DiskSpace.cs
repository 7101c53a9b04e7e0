using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>Asks for room on a disk before hours are spent on filling it.</summary>
public static class DiskSpace
{
    /// <summary>Throws unless the file system of <paramref name="folder"/> has that much room for this user.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="bytes">What will be written, in bytes.</param>
    /// <param name="what">What that is, as the beginning of a sentence.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.NoSpace"/>.</exception>
    public static void Require(string folder, long bytes, string what)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
            throw DiagnosticCode.NoSpace.Error($"{what} needs {Text(bytes)} in {folder}, where {Text(free)} are free.");
    }

    private static string Text(long bytes)
        => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.00} GiB");
}

using System.Text;

namespace W4b.Image.Layers.Locking;

/// <summary>A lock in the words of apt. Pure.</summary>
internal static class AptPins
{
    // Above 1000: also when it is older than what is there, apt_preferences(5).
    private const int Priority = 1001;

    /// <summary>A file of apt_preferences(5) by which apt chooses the locked version of each package, wherever it finds it.</summary>
    public static string Preferences(IEnumerable<LockedPackage> packages)
        => string.Concat(packages.Select(p => $"Package: {p.Name}{(p.Architecture == "all" ? "" : ":" + p.Architecture)}\nPin: version {p.Version}\nPin-Priority: {Priority}\n\n"));

    /// <summary>A stanza of a repository's list of packages.</summary>
    /// <param name="control">The package's control file, deb-control(5).</param>
    /// <param name="file">The .deb, relative to the repository.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="sha256">Its sha256.</param>
    public static string Stanza(string control, string file, long size, string sha256)
        => new StringBuilder(control.Trim()).Append(System.Globalization.CultureInfo.InvariantCulture, $"\nFilename: {file}\nSize: {size}\nSHA256: {sha256}\n\n").ToString();
}

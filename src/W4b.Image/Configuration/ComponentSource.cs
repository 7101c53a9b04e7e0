using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>A component as the project names it: the item W4bComponent.</summary>
/// <param name="Include">A folder or archive, full path, or a URL.</param>
/// <param name="Name">Its name; null for the one that its source has.</param>
/// <param name="Sha256">The archive's sha256; null when none is given.</param>
/// <param name="Revision">Commit or tag of a git repository; null for all else.</param>
public sealed partial record ComponentSource(string Include, string? Name, string? Sha256, string? Revision)
{
    // What belongs to somebody's work on it, not to it.
    private static readonly string[] s_left = [".git", "__pycache__", ".venv"];

    /// <summary>Whether it is at a URL.</summary>
    public bool IsRemote => Include.Contains("://", StringComparison.Ordinal);

    /// <summary>Names that are never taken out of a folder.</summary>
    internal static IReadOnlyList<string> Left => s_left;

    /// <summary>The component, when it is there and says all that is needed.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.InvalidValue"/> or <see cref="DiagnosticCode.MissingValue"/> at <paramref name="place"/>.</exception>
    internal ComponentConfiguration Resolve(SourceLocation place)
    {
        var name = Name ?? Extensions().Replace(Include.TrimEnd('/').Split('/')[^1], "");
        if (!NamePattern().IsMatch(name))
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {Include}: the name is \"{name}\", expected lower-case letters, digits, `_` and `-`, first a letter. Name=\"…\" gives another.", place);
        if (Sha256 is not null && Values.ReadSha256(Sha256) is null)
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {name}: Sha256 is \"{Sha256}\", expected 64 hexadecimal digits.", place);
        if (Revision is not null)
            return new ComponentConfiguration(name, Include, null, Revision);
        if (IsRemote)
            return Sha256 is null
                ? throw DiagnosticCode.MissingValue.Error($"W4bComponent {name}: Sha256 is missing: what is downloaded must be known. A git repository has a Revision instead.", place)
                : new ComponentConfiguration(name, Include, Values.ReadSha256(Sha256), null);
        if (Directory.Exists(Include))
            return new ComponentConfiguration(name, Include, HashOfFolder(Include), null);
        if (!File.Exists(Include))
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {name}: there is neither a folder nor a file {Include}.", place);
        var actual = ContentFile.Sha256OfFile(Include);
        return Sha256 is null || Values.ReadSha256(Sha256) == actual ? new ComponentConfiguration(name, Include, actual, null)
            : throw DiagnosticCode.ChecksumMismatch.Error($"W4bComponent {name}: {Include} has sha256 {actual}, expected {Values.ReadSha256(Sha256)}.", place);
    }

    /// <summary>Names, contents and whether they can be run, of all files of a folder: what an equal folder elsewhere has too.</summary>
    internal static string HashOfFolder(string folder)
    {
        var text = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
                     .Where(f => !f.Split('/').Any(s_left.Contains)).Order(StringComparer.Ordinal))
        {
            var full = Path.Combine(folder, file);
            var runs = (File.GetUnixFileMode(full) & UnixFileMode.UserExecute) != 0;
            text.Append(CultureInfo.InvariantCulture, $"{file}\0{(runs ? 'x' : '-')}{ContentFile.Sha256OfFile(full)}\n");
        }

        return ContentFile.Sha256(text.ToString());
    }

    [GeneratedRegex(@"(\.git|\.zip|\.whl|\.t[gx]z|\.tar(\.\w+)?)\z")]
    private static partial Regex Extensions();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,63}\z")]
    private static partial Regex NamePattern();
}

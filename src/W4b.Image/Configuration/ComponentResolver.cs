using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Finds out what a component of the project's is.</summary>
internal static partial class ComponentResolver
{
    // What belongs to somebody's work on it, not to it.
    private static readonly string[] s_left = [".git", "__pycache__", ".venv"];

    /// <summary>The component, when it is there and says all that is needed.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.InvalidValue"/> or <see cref="DiagnosticCode.MissingValue"/> at <paramref name="place"/>.</exception>
    public static ComponentConfiguration Resolve(ComponentSource source, SourceLocation place)
    {
        var (include, givenName, sha256, revision) = source;
        var name = givenName ?? Extensions().Replace(include.TrimEnd('/').Split('/')[^1], "");
        if (!NamePattern().IsMatch(name))
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {include}: the name is \"{name}\", expected lower-case letters, digits, `_` and `-`, first a letter. Name=\"…\" gives another.", place);
        if (sha256 is not null && Values.ReadSha256(sha256) is null)
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {name}: Sha256 is \"{sha256}\", expected 64 hexadecimal digits.", place);
        if (revision is not null)
            return new ComponentConfiguration(name, include, null, revision);
        if (include.Contains("://", StringComparison.Ordinal))
            return sha256 is null
                ? throw DiagnosticCode.MissingValue.Error($"W4bComponent {name}: Sha256 is missing: what is downloaded must be known. A git repository has a Revision instead.", place)
                : new ComponentConfiguration(name, include, Values.ReadSha256(sha256), null);
        if (Directory.Exists(include))
            return new ComponentConfiguration(name, include, HashOfFolder(include), null);
        if (!File.Exists(include))
            throw DiagnosticCode.InvalidValue.Error($"W4bComponent {name}: there is neither a folder nor a file {include}.", place);
        var actual = ContentFile.Sha256OfFile(include);
        return sha256 is null || Values.ReadSha256(sha256) == actual ? new ComponentConfiguration(name, include, actual, null)
            : throw DiagnosticCode.ChecksumMismatch.Error($"W4bComponent {name}: {include} has sha256 {actual}, expected {Values.ReadSha256(sha256)}.", place);
    }

    /// <summary>Names, contents and whether they can be run, of all files of a folder: what an equal folder elsewhere has too.</summary>
    public static string HashOfFolder(string folder)
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

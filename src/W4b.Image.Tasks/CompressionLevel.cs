using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>The property W4bCompressionLevel.</summary>
internal static class CompressionLevel
{
    /// <summary>The xz level, 0 to 9; null where the property is empty.</summary>
    /// <exception cref="W4bException">It is something else.</exception>
    public static int? Parse(string value, string projectFile)
        => value.Length == 0 ? null
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var level) && level <= 9 ? level
            : throw DiagnosticCode.InvalidValue.Error($"W4bCompressionLevel is {value}, not a number from 0 to 9.", new SourceLocation(projectFile));
}

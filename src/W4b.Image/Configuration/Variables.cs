using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>A text whose variables were replaced.</summary>
/// <param name="Text">The text; what could not be replaced is left out.</param>
/// <param name="ReadsEnvironment">Whether it had variables.</param>
/// <param name="Problems">Variables without a value, and what begins as a variable and is none.</param>
internal sealed record ExpandedText(string Text, bool ReadsEnvironment, IReadOnlyList<Diagnostic> Problems);

/// <summary><c>${NAME}</c> and <c>${NAME:-default}</c> in texts of the YAML, from the environment. <c>$${</c> stands for <c>${</c>.</summary>
internal static partial class Variables
{
    /// <summary>The text with its variables replaced. No problem tells more of the text than a variable's name.</summary>
    public static ExpandedText Expand(string text, SourceLocation place)
    {
        var reads = false;
        var problems = new List<Diagnostic>();
        var expanded = Pattern().Replace(text, match =>
        {
            if (match.Value == "$${")
                return "${";
            var (name, otherwise) = (match.Groups["name"], match.Groups["default"]);
            if (!name.Success)
            {
                problems.Add(new Diagnostic(DiagnosticCode.InvalidValue,
                    "A variable is ${NAME} or ${NAME:-default}, and there is none in another's default; the text ${ itself is written $${.", place));
                return "";
            }

            reads = true;
            var value = Environment.GetEnvironmentVariable(name.Value);
            if (string.IsNullOrEmpty(value) && !otherwise.Success)
                problems.Add(new Diagnostic(DiagnosticCode.UndefinedVariable, $"The environment variable {name.Value} is not set.", place));
            return string.IsNullOrEmpty(value) ? otherwise.Value : value;
        });
        return new ExpandedText(expanded, reads, problems);
    }

    /// <summary>The variable's name when the text is one variable without a default, else null.</summary>
    public static string? Only(string text)
        => Pattern().Match(text) is { Success: true, Index: 0 } match && match.Length == text.Length && match.Groups["name"].Success && !match.Groups["default"].Success
            ? match.Groups["name"].Value : null;

    /// <summary>Whether the text has a default for a variable.</summary>
    public static bool HasDefault(string text) => Pattern().Matches(text).Any(match => match.Groups["default"].Length > 0);

    [GeneratedRegex(@"\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>(?:(?!\$\{)[^}])*))?\}|\$\{")]
    private static partial Regex Pattern();
}

namespace W4b.Image.Diagnostics;

/// <summary>A place in a file of the user's. Line and column count from 1; 0 means the file as a whole.</summary>
public sealed record SourceLocation(string File, int Line = 0, int Column = 0);

/// <summary>One finding: its kind (<see cref="DiagnosticCode"/>), what happened here, and where.</summary>
/// <param name="Code">The kind of finding, with its code and its remedy.</param>
/// <param name="Message">What happened, with the values involved and never with a secret.</param>
/// <param name="Location">The place in the user's file, when one caused it.</param>
public sealed record Diagnostic(DiagnosticCode Code, string Message, SourceLocation? Location = null)
{
    /// <summary>The finding as one line: what happened, then what to do.</summary>
    public string Text => Code.Remedy.Length == 0 ? Message : $"{Message} {Code.Remedy}";

    /// <inheritdoc/>
    public override string ToString() => $"{Code.Id}: {Text}";
}

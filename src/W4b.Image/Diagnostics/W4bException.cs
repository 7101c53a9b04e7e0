namespace W4b.Image.Diagnostics;

/// <summary>An expected failure: it ends the operation and reaches the user as one coded error, without a stack trace.</summary>
public sealed class W4bException : Exception
{
    /// <summary>Creates the failure for one or more <paramref name="diagnostics"/>; the first is the message.</summary>
    public W4bException(IReadOnlyList<Diagnostic> diagnostics, Exception? inner = null)
        : base(diagnostics[0].ToString(), inner) => Diagnostics = diagnostics;

    /// <summary>Creates the failure for one diagnostic.</summary>
    public W4bException(Diagnostic diagnostic, Exception? inner = null)
        : this([diagnostic], inner)
    {
    }

    /// <summary>What went wrong, in the order found; never empty.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}

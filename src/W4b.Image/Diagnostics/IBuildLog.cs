namespace W4b.Image.Diagnostics;

/// <summary>Where the domain reports to. Implementations are thread-safe and remove known secrets from every text.</summary>
public interface IBuildLog
{
    /// <summary>A fact a user follows the build by: a step begins, how far a long one is. Shown at normal verbosity.</summary>
    void Info(string message);

    /// <summary>A line of a tool's own output, or a command. Goes to the build log file; shown at detailed verbosity.</summary>
    void Detail(string message);

    /// <summary>A finding that does not stop the build.</summary>
    void Warning(Diagnostic diagnostic);
}

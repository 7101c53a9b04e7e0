using W4b.Image.Diagnostics;

namespace W4b.Image.Benchmarks;

/// <summary>Numbers are all that a benchmark prints.</summary>
internal sealed class SilentLog : IBuildLog
{
    public static SilentLog Instance { get; } = new();

    public void Info(string message)
    {
    }

    public void Detail(string message)
    {
    }

    public void Warning(Diagnostic diagnostic)
    {
    }
}

using W4b.Image.Diagnostics;

namespace W4b.Image.Layers;

/// <summary>Leaves out the output of a program that is read by the build and too long to be read by people.</summary>
internal sealed class QuietLog(IBuildLog inner) : IBuildLog
{
    public void Info(string message) => inner.Info(message);

    public void Detail(string message)
    {
    }

    public void Warning(Diagnostic diagnostic) => inner.Warning(diagnostic);
}

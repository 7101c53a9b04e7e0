using W4b.Image.Diagnostics;

namespace W4b.Image.CacheUser;

/// <summary>Each line to standard output.</summary>
internal sealed class ConsoleLog : IBuildLog
{
    public void Info(string message) => Console.WriteLine(message);

    public void Detail(string message) => Console.WriteLine(message);

    public void Warning(Diagnostic diagnostic) => Console.WriteLine(diagnostic);
}

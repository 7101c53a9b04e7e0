using W4b.Image.Diagnostics;

namespace W4b.Image.Layers;

/// <summary>
/// A log that is also kept in a file, beside what is being made for the cache: whoever takes that from the cache later can still
/// read how it was made. No secret passes here: neither bases nor layers know any.
/// </summary>
internal sealed class LogFile(IBuildLog inner, string path) : IBuildLog, IDisposable
{
    private readonly StreamWriter _writer = new(path, append: true);
    private readonly Lock _gate = new();

    public void Info(string message)
    {
        Write(message);
        inner.Info(message);
    }

    public void Detail(string message)
    {
        Write(message);
        inner.Detail(message);
    }

    public void Warning(Diagnostic diagnostic)
    {
        Write(diagnostic.ToString());
        inner.Warning(diagnostic);
    }

    /// <summary>Brings all lines so far into the file.</summary>
    public void Flush()
    {
        lock (_gate)
            _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();

    private void Write(string line)
    {
        lock (_gate)
            _writer.WriteLine(line);
    }
}

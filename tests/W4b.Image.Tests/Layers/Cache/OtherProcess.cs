using System.Diagnostics;

namespace W4b.Image.Tests.Layers.Cache;

/// <summary>Another process that uses a cache: tests/W4b.Image.CacheUser.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;

    public OtherProcess(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "W4b.Image.CacheUser.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Its pipes for debuggers would stay in /tmp when it is killed.
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
        })!;
    }

    /// <summary>All lines so far.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Reads until a line begins so, and returns it.</summary>
    public string ReadUntil(string beginning)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            Lines.Add(line);
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"It ended without \"{beginning}\":\n{string.Join('\n', Lines)}");
    }

    /// <summary>Lets it go on.</summary>
    public void Continue() => _process.StandardInput.WriteLine();

    /// <summary>Reads the rest; the process must have succeeded.</summary>
    public void End()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
            Lines.Add(line);
        _process.WaitForExit();
        Assert.Equal(0, _process.ExitCode);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}

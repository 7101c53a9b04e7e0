using System.Diagnostics;

namespace W4b.Image.Tests;

/// <summary>The stock programs that a user would check our files with.</summary>
internal static class StockProgram
{
    /// <summary>Runs a program that must succeed; what it printed.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output) = Try(program, arguments);
        Assert.True(code == 0, $"{program} ended with {code}: {output}");
        return output;
    }

    /// <summary>Runs a program: how it ended, and what it printed.</summary>
    public static (int ExitCode, string Output) Try(string program, params string[] arguments) => Try(program, arguments, null);

    /// <inheritdoc cref="Try(string, string[])"/>
    public static (int ExitCode, string Output) Try(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}

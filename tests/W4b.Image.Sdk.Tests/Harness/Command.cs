using System.Diagnostics;
using System.Text;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">The exit status.</param>
/// <param name="Output">Standard output and standard error.</param>
internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>A program run by a test: with no setting of the machine that could change a build, and as another user where asked.</summary>
internal sealed record Command(string Folder)
{
    // A build of a test neither leaves a node behind nor finds one.
    private static readonly Dictionary<string, string> Quiet = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
    };

    /// <summary>The user who runs it; null for the tests' own. Needs root.</summary>
    public string? User { get; init; }

    /// <summary>What goes before the program on the command line.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    /// <summary>The variables to set, over the quiet environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Called with the running process and each line of its output.</summary>
    public Action<Process, string>? OnLine { get; init; }

    /// <summary>Runs <paramref name="program"/> to its end.</summary>
    public CommandResult Run(string program, params IEnumerable<string> arguments)
    {
        string[] line = [.. User is null ? [] : new[] { "runuser", "-u", User, "--" }, .. Wrapper, program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in Quiet.Concat(Environment))
            start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        void Receive(object _, DataReceivedEventArgs e)
        {
            if (e.Data is null)
                return;
            lock (output)
                output.AppendLine(e.Data);
            OnLine?.Invoke(process, e.Data);
        }

        process.OutputDataReceived += Receive;
        process.ErrorDataReceived += Receive;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.ToString());
    }

    // `dotnet test` hands its own MSBuild settings down.
    private static bool IsForeign(string name)
        => name.StartsWith("W4B", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name is "SOURCE_DATE_EPOCH" or "CI" or "GITHUB_ACTIONS" or "TF_BUILD";
}

using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Sandbox;

/// <summary>
/// Runs commands in namespaces of their own, as root of a user namespace, through the helper <c>w4b-sandbox</c>. Mounts and
/// processes end with the command, and also when this process ends in whatever way: the helper holds the read end of a pipe
/// whose write end only this process has.
/// </summary>
public static class SandboxRunner
{
    private const int OwnFailure = 125;
    private const string Marker = "w4b-sandbox: ";
    private const int KeptOutput = 64 * 1024;

    /// <summary>Runs <paramref name="command"/> to its end.</summary>
    /// <param name="options">Root, mounts, environment.</param>
    /// <param name="command">The program, seen from inside.</param>
    /// <param name="arguments">Its arguments, passed without a shell.</param>
    /// <param name="log">Receives the command line and each line of output.</param>
    /// <param name="cancellation">Ends the namespaces with all that runs in them.</param>
    /// <param name="input">Writes the command's standard input; none when null.</param>
    /// <param name="onLine">Called with each line of standard output and error, one at a time.</param>
    /// <exception cref="W4bException">The sandbox itself could not be made, or the disk is full. The command's own failure is its exit code.</exception>
    public static async Task<SandboxResult> RunAsync(SandboxOptions options, string command, IEnumerable<string> arguments, IBuildLog log,
        CancellationToken cancellation, Func<Stream, CancellationToken, Task>? input = null, Action<string>? onLine = null)
    {
        using var control = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var start = new ProcessStartInfo(Helper)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        AddArguments(start, options, control.GetClientHandleAsString());
        start.ArgumentList.Add(command);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;

        log.Detail($"$ {command} {string.Join(' ', start.ArgumentList.SkipWhile(a => a != "--").Skip(2))}");
        var output = new OutputTail(KeptOutput);
        void Receive(string? line)
        {
            if (line is null)
                return;
            lock (output)
            {
                output.Add(line);
                log.Detail(line);
                onLine?.Invoke(line);
            }
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Receive(e.Data);
        process.ErrorDataReceived += (_, e) => Receive(e.Data);
        process.Start();
        control.DisposeLocalCopyOfClientHandle();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exception? inputFailure = null;
        try
        {
            inputFailure = await FeedAsync(process, input, cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            // The end of the control pipe ends the namespace; wait for it, so that nothing of it outlives this call.
            control.Dispose();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        var result = new SandboxResult(process.ExitCode, output.ToString());
        if (result.ExitCode == OwnFailure && OwnFailureOf(result, options) is { } failure)
            throw failure;
        if (result.ExitCode != 0 && result.Output.Contains("No space left on device", StringComparison.OrdinalIgnoreCase))
            throw DiagnosticCode.NoSpace.Error($"{Path.GetFileName(command)} ran out of disk space.");
        // A command that fails stops reading: then its own error is the news, not the broken pipe.
        if (result.ExitCode == 0 && inputFailure is not null)
            throw inputFailure;
        return result;
    }

    /// <summary>Removes a folder whose files belong to subordinate ids.</summary>
    public static async Task DeleteTreeAsync(string folder, IBuildLog log, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["LC_ALL"] = "C" };
        var result = await RunAsync(new SandboxOptions { Environment = environment }, "/bin/rm", ["-rf", "--one-file-system", "--", folder], log, cancellation)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.FileAccess.Error($"The folder {folder} cannot be removed: {result.LastLine}");
    }

    /// <summary>The interpreter for an architecture, or null where the host runs it itself.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.NoEmulation"/>.</exception>
    public static string? Interpreter(Architecture architecture)
    {
        if (architecture.IsNative())
            return null;
        var qemu = new HostTool($"qemu-{architecture.QemuName()}-static", "qemu-user-static");
        return qemu.Find() ?? throw DiagnosticCode.NoEmulation.Error($"The program {qemu.Name} is not on this machine.");
    }

    private static string Helper
    {
        get
        {
            var platform = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "linux-arm64" : "linux-x64";
            var path = Path.Combine(Path.GetDirectoryName(typeof(SandboxRunner).Assembly.Location)!, "native", platform, "w4b-sandbox");
            if (!File.Exists(path))
                throw DiagnosticCode.ToolMissing.Error($"The sandbox helper {path} is missing; the package serves linux-x64 and linux-arm64.");
            MakeExecutable(path);
            return path;
        }
    }

    // A NuGet package keeps no modes.
    private static void MakeExecutable(string path)
    {
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var mode = File.GetUnixFileMode(path);
        if ((mode & execute) != execute)
            File.SetUnixFileMode(path, mode | execute);
    }

    private static void AddArguments(ProcessStartInfo start, SandboxOptions options, string controlHandle)
    {
        void Add(params string[] arguments)
        {
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument);
        }

        Add("run", "--control-fd", controlHandle, "--hostname", "w4b");
        if (options.Root is not null)
            Add("--chroot", options.Root);
        if (options.Architecture is { } architecture && Interpreter(architecture) is { } interpreter)
            Add("--emulate", $"{architecture.QemuName()}={interpreter}");
        foreach (var bind in options.Binds)
            Add(bind.ReadOnly ? "--ro-bind" : "--bind", bind.Source, bind.Target);
        Add("--");
    }

    private static async Task<Exception?> FeedAsync(Process process, Func<Stream, CancellationToken, Task>? input, CancellationToken cancellation)
    {
        try
        {
            if (input is not null)
                await input(process.StandardInput.BaseStream, cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    // The helper's own failures: "w4b-sandbox: STAGE: message".
    private static W4bException? OwnFailureOf(SandboxResult result, SandboxOptions options)
    {
        var line = result.Output.Split('\n').LastOrDefault(l => l.StartsWith(Marker, StringComparison.Ordinal));
        if (line is null)
            return null;
        var stage = line[Marker.Length..].Split(':')[0];
        var message = line[(Marker.Length + stage.Length + 1)..].Trim();
        return stage switch
        {
            "subids" => DiagnosticCode.NoSubordinateIds.Error($"The sandbox needs subordinate ids: {message}."),
            "newuidmap" => DiagnosticCode.ToolMissing.Error($"The program newuidmap is not on this machine (Debian package uidmap): {message}."),
            "namespaces" => DiagnosticCode.SandboxRefused.Error($"The sandbox could not be started: {message}."),
            "binfmt" => DiagnosticCode.NoEmulation.Error($"Programs for {options.Architecture?.DebianName()} cannot be emulated: {message}."),
            _ => DiagnosticCode.ChrootFailed.Error($"The sandbox could not be set up ({stage}): {message}."),
        };
    }

    // The last lines of a long output.
    private sealed class OutputTail(int limit)
    {
        private readonly Queue<string> _lines = [];
        private int _length;

        public void Add(string line)
        {
            _lines.Enqueue(line);
            _length += line.Length + 1;
            while (_length > limit && _lines.Count > 1)
                _length -= _lines.Dequeue().Length + 1;
        }

        public override string ToString()
        {
            var text = new StringBuilder();
            foreach (var line in _lines)
                text.Append(line).Append('\n');
            return text.ToString();
        }
    }
}

using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using W4b.Image.Diagnostics;

namespace W4b.Image.Sandbox;

/// <summary>
/// Runs commands in namespaces of their own, as root of a user namespace, through the helper <c>w4b-sandbox</c>. Mounts and
/// processes end with the command, and also when this process ends in whatever way: the helper holds the read end of a pipe
/// whose write end only this process has.
/// </summary>
public static class SandboxRunner
{
    private const int KeptOutput = 64 * 1024;
    private const int BrokenPipe = 32; // EPIPE, errno(3)

    /// <summary>Runs <paramref name="command"/> to its end.</summary>
    /// <param name="options">Root, mounts, environment.</param>
    /// <param name="command">The program, seen from inside.</param>
    /// <param name="arguments">Its arguments, passed without a shell.</param>
    /// <param name="log">Receives the command line and each line of output.</param>
    /// <param name="cancellation">Ends the namespaces with all that runs in them.</param>
    /// <param name="input">Writes the command's standard input; none when null. When it throws, the command is ended.</param>
    /// <param name="onLine">Called with each line of standard output and error, one at a time.</param>
    /// <param name="output">Reads the command's standard output to its end, which then is neither logged nor kept.</param>
    /// <exception cref="W4bException">The sandbox itself could not be made (<see cref="DiagnosticCode.NoSubordinateIds"/>,
    /// <see cref="DiagnosticCode.SandboxRefused"/>, <see cref="DiagnosticCode.NoEmulation"/>, <see cref="DiagnosticCode.ToolMissing"/>,
    /// <see cref="DiagnosticCode.ChrootFailed"/>), or <see cref="DiagnosticCode.NoSpace"/>. The command's own failure is its exit code.</exception>
    public static async Task<SandboxResult> RunAsync(SandboxOptions options, string command, IEnumerable<string> arguments, IBuildLog log,
        CancellationToken cancellation, Func<Stream, CancellationToken, Task>? input = null, Action<string>? onLine = null,
        Func<Stream, CancellationToken, Task>? output = null)
    {
        cancellation.ThrowIfCancellationRequested();
        using var control = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        IReadOnlyList<string> commandLine = [command, .. arguments];
        using var process = new Process { StartInfo = SandboxHelper.StartInfo(options, commandLine, control.GetClientHandleAsString()) };

        log.Detail($"$ {string.Join(' ', commandLine)}");
        var tail = new OutputTail(KeptOutput);
        StartedProgram? last = null;
        void Receive(string? line)
        {
            if (line is null)
                return;
            lock (tail)
            {
                if (ProgramTally.LastOf(line) is { } program)
                {
                    last = program;
                    log.Detail(line);
                    return;
                }

                tail.Add(line);
                log.Detail(line);
                onLine?.Invoke(line);
            }
        }

        process.OutputDataReceived += (_, e) => Receive(e.Data);
        process.ErrorDataReceived += (_, e) => Receive(e.Data);
        SandboxHelper.Start(process);
        control.DisposeLocalCopyOfClientHandle();
        process.BeginErrorReadLine();
        if (output is null)
            process.BeginOutputReadLine();

        // The end of the control pipe ends the namespaces, and with them whatever the streams wait for.
        using var ending = cancellation.Register(control.Dispose);
        var streams = Task.WhenAll(
            FeedAsync(process, input, control, cancellation),
            output is null ? Task.CompletedTask : DrainAsync(process, output, control, cancellation));
        try
        {
            await streams.ConfigureAwait(false);
        }
        finally
        {
            // Nothing of it outlives this call.
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        cancellation.ThrowIfCancellationRequested();

        var result = new SandboxResult(process.ExitCode, tail.ToString()) { LastProgram = last };
        if (SandboxFailure.Of(result, options) is { } failure)
            throw failure;
        if (result.ExitCode != 0 && result.Output.Contains("No space left on device", StringComparison.OrdinalIgnoreCase))
            throw DiagnosticCode.NoSpace.Error($"{Path.GetFileName(command)} ran out of disk space.");
        return result;
    }

    /// <summary>Removes a folder whose files belong to subordinate ids; nothing when there is none. Nothing that is mounted
    /// in it is entered.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.FileAccess"/>: something in it cannot be removed, or a file system
    /// is mounted in it.</exception>
    public static async Task DeleteTreeAsync(string folder, IBuildLog log, CancellationToken cancellation)
    {
        // rm knows a mount by its device number only, which a bind mount shares with what is around it.
        if (MountTable.FirstAtOrBelow(folder) is { } mount)
            throw DiagnosticCode.FileAccess.Error($"The folder {folder} is not removed: a file system is mounted at {mount}.");
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" };
        var result = await RunAsync(new SandboxOptions { Environment = environment }, "rm", ["-rf", "--one-file-system", "--", folder],
            log, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.FileAccess.Error($"The folder {folder} cannot be removed: {result.LastLine}");
    }

    private static async Task FeedAsync(Process process, Func<Stream, CancellationToken, Task>? input, AnonymousPipeServerStream control,
        CancellationToken cancellation)
    {
        try
        {
            if (input is not null)
                await input(process.StandardInput.BaseStream, cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException e) when (e.HResult == BrokenPipe || e.InnerException is SocketException { NativeErrorCode: BrokenPipe })
        {
            // The command has stopped reading; whether that is an error its exit code says.
        }
        catch
        {
            // Half an input must not look like a whole one: end the command before its input ends.
            control.Dispose();
            throw;
        }
    }

    private static async Task DrainAsync(Process process, Func<Stream, CancellationToken, Task> output, AnonymousPipeServerStream control,
        CancellationToken cancellation)
    {
        try
        {
            await output(process.StandardOutput.BaseStream, cancellation).ConfigureAwait(false);
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }
}

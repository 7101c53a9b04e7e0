using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Tasks;

/// <summary>
/// A task of the SDK: parameters in, one call of the domain, diagnostics out. Parameters are names and paths, never secrets:
/// MSBuild records them in its logs.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "MSBuild may cancel a task that has ended: the token source must stay usable.")]
public abstract class W4bTask : Microsoft.Build.Utilities.Task, ICancelableTask
{
    private const int TerminatedExitCode = 128 + 15;

    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Absolute path of the project: the place of an error that has none of its own.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Absolute path of the target's log file. Appended to; the target empties it when it starts.</summary>
    [Required]
    public string LogFile { get; set; } = "";

    /// <summary>Ends the task soon. May come at any time, any number of times.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        var clock = new StageClock(GetType().Name);
        using var log = new MsBuildLog(Log, ProjectFile, LogFile);
        log.File(string.Create(CultureInfo.InvariantCulture, $"== {GetType().Name}, {DateTime.UtcNow:u}"));

        // SIGTERM (a CI job is cancelled, a container stops) does not reach Cancel: MSBuild would die in the middle of the task. The dotnet command's own handler is
        // asked after this one, and ends the process as if all were well: not before the task has cleaned up, and with the code that a shell has for the signal.
        var terminated = false;
        var ended = new TaskCompletionSource();
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = terminated = true;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Environment.ExitCode = TerminatedExitCode;
            Cancel();
            ended.Task.Wait();
        });

        ReleaseAtBuildsEnd();
        try
        {
            RunAsync(log, _cancellation.Token).GetAwaiter().GetResult();
            StageTimes.Write(Path.GetDirectoryName(LogFile)!, clock.Elapsed);
            return !Log.HasLoggedErrors;
        }
        catch (W4bException failure)
        {
            foreach (var diagnostic in failure.Diagnostics)
                log.Error(diagnostic);
        }
        catch (Exception failure) when (IoFailure.IsFrom(failure))
        {
            // A full disk, a folder of another user's: not a mistake of ours, wherever it is met.
            log.File(failure.ToString());
            foreach (var diagnostic in IoFailure.Translate(failure, Path.GetDirectoryName(ProjectFile)!).Diagnostics)
                log.Error(diagnostic);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            if (terminated)
                log.Error(new Diagnostic(DiagnosticCode.Terminated, $"{GetType().Name} was ended by SIGTERM."));
            log.File("cancelled");
        }
        catch (Exception bug)
        {
            // MSBuild reports it with its stack (MSB4018); the log file shall have it too.
            log.File(bug.ToString());
            throw;
        }
        finally
        {
            ended.SetResult();
        }

        return false;
    }

    // What the build uses of the cache is its own until the engine says that it is over: other builds' nodes live on.
    private void ReleaseAtBuildsEnd()
    {
        if (BuildEngine4.GetRegisteredTaskObject(typeof(CacheUsesEnd), RegisteredTaskObjectLifetime.Build) is null)
            BuildEngine4.RegisterTaskObject(typeof(CacheUsesEnd), new CacheUsesEnd(), RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
    }

    private sealed class CacheUsesEnd : IDisposable
    {
        public void Dispose() => CacheUses.ReleaseAll();
    }

    /// <summary>The task's one call of the domain.</summary>
    /// <param name="log">Receives what happens.</param>
    /// <param name="cancellation">Cancelled when the build is.</param>
    /// <exception cref="W4bException">An expected failure.</exception>
    protected abstract Task RunAsync(IBuildLog log, CancellationToken cancellation);
}

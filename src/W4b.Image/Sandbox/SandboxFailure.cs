using W4b.Image.Diagnostics;

namespace W4b.Image.Sandbox;

/// <summary>The helper's own failures: exit code 125 and a line <c>w4b-sandbox: STAGE: message</c> (failure.c).</summary>
internal static class SandboxFailure
{
    private const int OwnFailure = 125;
    private const string Marker = "w4b-sandbox: ";

    /// <summary>The helper's failure, or null when the exit code is the command's.</summary>
    public static W4bException? Of(SandboxResult result, SandboxOptions options)
    {
        if (result.ExitCode != OwnFailure)
            return null;
        var line = result.Output.Split('\n').LastOrDefault(l => l.StartsWith(Marker, StringComparison.Ordinal));
        return line?[Marker.Length..].Split(": ", 2) is [var stage, var message] ? Of(stage, message, options) : null;
    }

    private static W4bException Of(string stage, string message, SandboxOptions options) => stage switch
    {
        "subids" => DiagnosticCode.NoSubordinateIds.Error($"The sandbox has too few ids: {message}."),
        "newuidmap" => DiagnosticCode.ToolMissing.Error($"A program of the Debian package uidmap is not on this machine: {message}."),
        "namespaces" => DiagnosticCode.SandboxRefused.Error($"The sandbox could not be started: {message}."),
        "binfmt" => DiagnosticCode.NoEmulation.Error($"Programs for {options.Architecture?.DebianName()} cannot be emulated: {message}."),
        _ when message.Contains("No space left on device", StringComparison.Ordinal)
            => DiagnosticCode.NoSpace.Error($"The sandbox ran out of disk space ({stage}): {message}."),
        _ => DiagnosticCode.ChrootFailed.Error($"The sandbox failed ({stage}): {message}."),
    };
}

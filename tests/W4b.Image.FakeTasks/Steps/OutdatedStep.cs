using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: the lock's name.</summary>
public static class OutdatedStep
{
    /// <summary>As in the real domain.</summary>
    public static Task<string> RunAsync(string softwareJson, string baseImage, string lockFile, IBuildLog log, CancellationToken ct) => Task.FromResult(lockFile + "\n");
}

using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;

namespace W4b.Image.Steps;

/// <summary>The fake domain: says that it was asked.</summary>
public static class PlanStep
{
    /// <summary>As in the real domain.</summary>
    public static Task<string> RunAsync(string objFolder, string outputFolder, string cacheFolder, bool keepsRawImage, LockOptions locking, IBuildLog log, CancellationToken ct)
    {
        FakeConfiguration.Read(Path.Combine(objFolder, "image.json")).Run("Plan", log);
        return Task.FromResult("a plan");
    }
}

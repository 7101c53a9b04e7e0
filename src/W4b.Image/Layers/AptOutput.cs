using W4b.Image.Sandbox;

namespace W4b.Image.Layers;

/// <summary>What apt and mmdebstrap say.</summary>
internal static class AptOutput
{
    /// <summary>The reason of a failure. apt's own errors begin with "E: "; the last line often only says that there were some.</summary>
    public static string Problem(SandboxResult result)
    {
        var reason = result.Output.Split('\n').FirstOrDefault(l => l.StartsWith("E: ", StringComparison.Ordinal)) ?? result.LastLine;
        if (Has(result, "Mirror sync in progress") || Has(result, "Hash Sum mismatch"))
            return reason + " The mirror is being updated, and its lists do not fit each other: try again in some minutes, or use another mirror.";
        if (Has(result, "Could not resolve") || Has(result, "Temporary failure resolving") || Has(result, "Could not connect"))
            return reason + " Is the network there, and the mirror's name right?";
        return reason;
    }

    private static bool Has(SandboxResult result, string text) => result.Output.Contains(text, StringComparison.Ordinal);
}

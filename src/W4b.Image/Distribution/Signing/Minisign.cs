using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Distribution.Signing;

/// <summary>Signatures by the program minisign.</summary>
internal static class Minisign
{
    public static async Task SignAsync(string archive, string name, string keyFile, string? passphrase, DateTimeOffset time, string signature,
        IBuildLog log, CancellationToken cancellation)
    {
        // Its own trusted comment would have the clock's time.
        var comment = string.Create(CultureInfo.InvariantCulture, $"timestamp:{time.ToUnixTimeSeconds()}\tfile:{name}\thashed");
        try
        {
            await HostTool.Minisign.RunAsync(log, ["-S", "-s", keyFile, "-m", archive, "-x", signature, "-c", "signature from W4b.Image.Sdk", "-t", comment],
                cancellation, input: passphrase is null ? "" : passphrase + "\n").ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.ToolFailed)
        {
            File.Delete(signature);
            var why = passphrase is null ? $" Has it a passphrase? It is taken from {ImageSigner.PassphraseVariable}." : "";
            throw DiagnosticCode.SigningFailed.Error($"minisign cannot sign with {keyFile}.{why} {e.Message}", inner: e);
        }
    }
}

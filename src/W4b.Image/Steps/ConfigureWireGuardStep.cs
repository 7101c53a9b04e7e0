using W4b.Image.Customization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>Adds the WireGuard tunnel.</summary>
public static class ConfigureWireGuardStep
{
    /// <summary>Writes the tunnel into the image and, as the last act, gives the image its final name.</summary>
    /// <exception cref="W4bException">wireguard-tools is not in the image, or the private key cannot be read.</exception>
    public static async Task<HiveImage> RunAsync(string imageJson, HiveImage image, IBuildLog log, CancellationToken ct)
    {
        var plans = HivePlans.Read(imageJson, log);
        if (plans.WireGuard.Entries.Count == 0)
            log.Info("No tunnel is configured.");
        await ImageEdit.ApplyAsync(image.ImagePath, plans.WireGuard, log, ct).ConfigureAwait(false);
        var final = Path.ChangeExtension(image.ImagePath, null);
        File.Move(image.ImagePath, final, overwrite: true);
        return image with { ImagePath = final };
    }
}

using System.Net;
using System.Text.Json;
using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;
using W4b.Image.Tools;

namespace W4b.Image.Validation.Boot;

/// <summary>
/// A Tang server of the boot test's own, in place of the one that the hive is configured for, which this machine need not reach. QEMU starts
/// it for each connection that the guest makes to its address.
/// </summary>
/// <param name="Address">Its address in the guest's LAN.</param>
/// <param name="Folder">Its keys; without space or comma, for QEMU.</param>
/// <param name="Thumbprint">Thumbprint of its signing key.</param>
internal sealed record KeyServer(IPAddress Address, string Folder, string Thumbprint)
{
    /// <summary>QEMU's option of <c>-netdev user</c>; begins with a comma. The guest would get the program's messages too, and before the answer.</summary>
    public string NetworkOption => $",guestfwd=tcp:{Address}:80-cmd:/bin/sh -c 'exec {HostTool.Tangd.Path} {Folder} 2>/dev/null'";

    /// <summary>The file on the device that names it.</summary>
    public PlannedFile File => EncryptionPlan.KeyServer($"http://{Address}", Thumbprint);

    /// <summary>The server with the keys in <paramref name="folder"/>, which are made when there are none.</summary>
    public static async Task<KeyServer> CreateAsync(IPAddress address, string folder, IBuildLog log, CancellationToken cancellation)
    {
        if (!Directory.CreateDirectory(folder).EnumerateFiles().Any())
            await HostTool.TangdKeygen.RunAsync(log, [folder], cancellation).ConfigureAwait(false);
        // Files are named by thumbprint; one is for signing, one for the exchange.
        var signing = Directory.GetFiles(folder, "*.jwk").First(file => AlgorithmOf(file) == "ES512");
        return new KeyServer(address, folder, Path.GetFileNameWithoutExtension(signing));
    }

    private static string? AlgorithmOf(string file)
    {
        using var key = JsonDocument.Parse(System.IO.File.ReadAllText(file));
        return key.RootElement.GetProperty("alg").GetString();
    }
}

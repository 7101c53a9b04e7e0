using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Provisioning.FirstBoot;

namespace W4b.Image.Provisioning;

/// <summary>What a plan must know of the software layer that it is for.</summary>
/// <param name="Id">The layer's content id.</param>
/// <param name="Packages">Names of the packages in it.</param>
public sealed partial record LayerFacts(string Id, IReadOnlySet<string> Packages)
{
    /// <summary>Whether NetworkManager looks after the network; systemd-networkd does otherwise.</summary>
    public bool HasNetworkManager => Packages.Contains("network-manager");

    /// <summary>The kernel's command line.</summary>
    public CommandLine CommandLine { get; init; } = new([]);

    /// <summary>Whether it is Raspberry Pi OS.</summary>
    public bool IsRaspberryPiOs => Packages.Contains("raspberrypi-sys-mods");

    /// <summary>Major version of PostgreSQL, the newest when there are several; null for none.</summary>
    public int? PostgresVersion => Packages.Select(p => PostgresPackage().Match(p)).Where(m => m.Success)
        .Select(m => (int?)int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).Max();

    [GeneratedRegex(@"^postgresql-(\d+)\z")]
    private static partial Regex PostgresPackage();
}

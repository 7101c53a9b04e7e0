namespace W4b.Image.Configuration;

/// <summary>
/// Known releases of Raspberry Pi OS Lite, so that a date is enough in <c>base_image.version</c>. A folder's date may differ from
/// its file's, so nothing is computed; any other release is given by URL and checksum.
/// </summary>
internal static class RaspberryPiOsReleases
{
    private const string Server = "https://downloads.raspberrypi.com/";

    private static readonly (string Date, string Architecture, string Path, string Sha256)[] Known =
    [
        ("2026-06-18", "arm64", "raspios_lite_arm64/images/raspios_lite_arm64-2026-06-19/2026-06-18-raspios-trixie-arm64-lite.img.xz",
            "acff736ca7945e3b305f07cda4abdb870910e12634991da69783611756e381b3"),
        ("2025-11-24", "arm64", "raspios_lite_arm64/images/raspios_lite_arm64-2025-11-24/2025-11-24-raspios-trixie-arm64-lite.img.xz",
            "1d448a6e665e1ae8100bc28b35408619ec626a2fddfd6579ec99e7996fa09a56"),
        ("2024-11-19", "armhf", "raspios_lite_armhf/images/raspios_lite_armhf-2024-11-19/2024-11-19-raspios-bookworm-armhf-lite.img.xz",
            "1dacc70cc09162c995020ac1739ee60e6843cf2bfb393654e694e3f017d781bb"),
    ];

    /// <summary>The release of that date, or null.</summary>
    public static DownloadConfiguration? Find(string date, string architecture)
        => Known.Where(r => r.Date == date && r.Architecture == architecture)
            .Select(r => new DownloadConfiguration(Server + r.Path, r.Sha256)).FirstOrDefault();

    /// <summary>All known releases in words.</summary>
    public static string Names => string.Join(", ", Known.Select(r => $"{r.Date} ({r.Architecture})"));
}

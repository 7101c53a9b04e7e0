namespace W4b.Image.Configuration;

/// <summary>A release of Raspberry Pi OS Lite.</summary>
/// <param name="Date">The date in its file's name.</param>
/// <param name="Folder">The date of its folder, which may be a later one: neither is computed from the other.</param>
/// <param name="Codename">The Debian suite it is made of.</param>
/// <param name="Architecture">arm64 or armhf.</param>
/// <param name="Sha256">sha256 of its .img.xz.</param>
internal sealed record RaspberryPiOsRelease(string Date, string Folder, string Codename, string Architecture, string Sha256)
{
    /// <summary>Its name as the publisher's file has it, without extension.</summary>
    public string Name => $"{Date}-raspios-{Codename}-{Architecture}-lite";

    /// <summary>Where its publisher has it.</summary>
    public string Url => $"https://downloads.raspberrypi.com/raspios_lite_{Architecture}/images/raspios_lite_{Architecture}-{Folder}/{Name}.img.xz";
}

/// <summary>
/// Known releases of Raspberry Pi OS Lite, so that a date or name is enough in <c>base_image.version</c>; any other release is given
/// by URL and checksum. A row is added only when its sha256 stands in several independent publications; for 2024-11-19 armhf one was found.
/// </summary>
internal static class RaspberryPiOsReleases
{
    /// <summary>The table, newest first.</summary>
    public static IReadOnlyList<RaspberryPiOsRelease> All { get; } =
    [
        new("2026-06-18", "2026-06-19", "trixie", "arm64", "acff736ca7945e3b305f07cda4abdb870910e12634991da69783611756e381b3"),
        new("2026-06-18", "2026-06-19", "trixie", "armhf", "ea4e84c501d6dd4f4b1d04eb84df133a03f90a05ee2e8ab849185c17c2b0707b"),
        new("2026-04-21", "2026-04-21", "trixie", "arm64", "4cd31df026fd82243805a326dc0cafd7383f7e3d30c9413e7044d507aae281e2"),
        new("2026-04-21", "2026-04-21", "trixie", "armhf", "f393b8bc3fc49aef49ddc5d5af124333002f34e4b23ede439789145e5280d210"),
        new("2025-12-04", "2025-12-04", "trixie", "arm64", "681a775e20b53a9e4c7341d748a5a8cdc822039d8c67c1fd6ca35927abbe6290"),
        new("2025-12-04", "2025-12-04", "trixie", "armhf", "1b3e49b67b15050a9f20a60267c145e6d468dc9559dd9cd945130a11401a49ff"),
        new("2025-11-24", "2025-11-24", "trixie", "arm64", "1d448a6e665e1ae8100bc28b35408619ec626a2fddfd6579ec99e7996fa09a56"),
        new("2025-05-13", "2025-05-13", "bookworm", "arm64", "62d025b9bc7ca0e1facfec74ae56ac13978b6745c58177f081d39fbb8041ed45"),
        new("2025-05-13", "2025-05-13", "bookworm", "armhf", "a73d68b618c3ca40190c1aa04005a4dafcf32bc861c36c0d1fc6ddc48a370b6e"),
        new("2024-11-19", "2024-11-19", "bookworm", "arm64", "6ac3a10a1f144c7e9d1f8e568d75ca809288280a593eb6ca053e49b539f465a4"),
        new("2024-11-19", "2024-11-19", "bookworm", "armhf", "1dacc70cc09162c995020ac1739ee60e6843cf2bfb393654e694e3f017d781bb"),
    ];

    /// <summary>The release with that date or name, for that architecture; null when the table has none.</summary>
    public static RaspberryPiOsRelease? Find(string version, string architecture)
        => All.FirstOrDefault(r => r.Architecture == architecture && (r.Date == version || r.Name == version));

    /// <summary>The architecture that a release's name says; null when <paramref name="version"/> is none.</summary>
    public static string? ArchitectureOf(string version) => All.FirstOrDefault(r => r.Name == version)?.Architecture;

    /// <summary>All known releases in words.</summary>
    public static string Names => string.Join(", ", All.GroupBy(r => (r.Date, r.Codename))
        .Select(g => $"{g.Key.Date} ({g.Key.Codename}: {string.Join(' ', g.Select(r => r.Architecture))})"));
}

namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> BaseImage() =>
    [
        new("base_image.distribution", SettingKind.Text,
            "`debian` builds the base from Debian packages; `raspios` takes a Raspberry Pi OS image. Default: `raspios` when `base_image.url` or a release date is given, else `debian`.",
            OneOf: ["debian", "raspios"]),
        new("base_image.version", SettingKind.Text,
            "For `debian` the suite, e.g. `trixie`. For `raspios` the release date, e.g. `2026-06-18`.", Option: "RaspiOSVersion",
            Environment: "W4B_RASPIOS_VERSION", Check: Values.BaseVersion),
        new("base_image.architecture", SettingKind.Text, "`arm64` or `armhf`, of the packages in the image.", Default: "arm64", OneOf: ["arm64", "armhf"]),
        new("base_image.url", SettingKind.Text, "https, http or file URL of a .img, .img.xz, .img.gz, .img.zst or .zip. A path is taken relative to the YAML file.",
            Check: Values.ImageUrl),
        new("base_image.url_template", SettingKind.Text, "The same with `{version}` in place of `base_image.version`.", Check: Values.ImageUrlTemplate),
        new("base_image.checksum", SettingKind.Text, "sha256 of the file at the URL: 64 hexadecimal digits, `sha256:` may stand before them.",
            Check: Values.Sha256),
        new("base_image.checksum_type", SettingKind.Text, "`sha256`.", Default: "sha256", Check: Values.ChecksumType),
        new("base_image.model", SettingKind.Text, "The Raspberry Pi: 3, 4 or 5 (`pi3`, `pi4`, `pi5` too).", Default: "3", Option: "PiModel",
            Environment: "W4B_PI_MODEL", Check: Values.PiModel),
        new("base_image.mirror", SettingKind.Text, "Debian mirror for `distribution: debian`. Default: the one of mmdebstrap.", Check: Values.HttpUrl),
        new("base_image.packages", SettingKind.List, "For `debian`: packages of the base itself, beside the ones that every hive needs.", Check: Values.Package),
        new("image.size", SettingKind.Text, "Size of the image, e.g. `4G` or `3500M`, when larger than needed (used + 10 % + 256 MiB).",
            Check: Values.Size),
    ];
}

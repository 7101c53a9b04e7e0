namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> BaseImage() =>
    [
        new("base_image.distribution", SettingKind.Text,
            "`debian` builds the base from Debian packages; `raspios` takes a Raspberry Pi OS image. Default: `raspios` when `base_image.url` or a release date is given, else `debian`.",
            OneOf: ["debian", "raspios"]),
        new("base_image.version", SettingKind.Text,
            "For `debian` the suite, e.g. `trixie`. For `raspios` a known release: its date, e.g. `2026-06-18`, or its name, e.g. `2026-06-18-raspios-trixie-arm64-lite`. Never `latest`.", Option: "RaspiOSVersion",
            Environment: "W4B_RASPIOS_VERSION", Check: Values.BaseVersion),
        new("base_image.architecture", SettingKind.Text, "`arm64` or `armhf`, of the packages in the image. Default: `armhf` when the URL says so, else `arm64`.", Default: "arm64", OneOf: ["arm64", "armhf"]),
        new("base_image.url", SettingKind.Text, "https, http or file URL of a .img, .img.xz, .img.gz, .img.zst or .zip. A path is taken relative to the YAML file.",
            Check: Values.ImageUrl),
        new("base_image.url_template", SettingKind.Text, "The same with `{version}` in place of `base_image.version`.", Check: Values.ImageUrlTemplate),
        new("base_image.checksum", SettingKind.Text, "sha256 of the file at the URL: 64 hexadecimal digits, `sha256:` may stand before them.",
            Check: Values.Sha256),
        new("base_image.checksum_type", SettingKind.Text, "`sha256`.", Default: "sha256", Check: Values.ChecksumType),
        new("base_image.mirrors", SettingKind.List, "Servers that are asked in this order before the image's own; to each URL the path of the image's is added.",
            Check: Values.MirrorUrl),
        new("base_image.signature", SettingKind.Text, "https, http or file URL, or path, of the image's detached OpenPGP signature; `none` for no check. "
            + "Default: for a known release of Raspberry Pi OS its publisher's, else none.", Check: Values.SignatureUrl),
        new("base_image.signing_keys", SettingKind.List, "Files with OpenPGP public keys, relative to the YAML file: those that may sign an image given by URL, or a key of the publisher's that the SDK does not have."),
        new("base_image.model", SettingKind.Text, "The Raspberry Pi: 3, 4 or 5 (`pi3`, `pi4`, `pi5` too).", Default: "3", Option: "PiModel",
            Environment: "W4B_PI_MODEL", Check: Values.PiModel),
        new("base_image.mirror", SettingKind.Text, "Debian mirror for `distribution: debian`. Default: the one of mmdebstrap.", Check: Values.HttpUrl),
        new("base_image.packages", SettingKind.List, "For `debian`: packages of the base itself, beside the ones that every hive needs.", Check: Values.Package),
        new("image.size", SettingKind.Text, "Size of the image, e.g. `4G` or `3500M`, when larger than needed (used + 10 % + 256 MiB).",
            Check: Values.Size),
    ];
}

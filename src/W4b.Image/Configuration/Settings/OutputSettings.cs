namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Output() =>
    [
        new("validation.rules.*", SettingKind.Text, "What a broken [rule](validation.md) means, by the rule's id or name: the image is not released, it is told, or the rule is not asked.",
            OneOf: ["error", "warning", "none"]),
        new("output.directory", SettingKind.Text, "Folder for the image, relative to the YAML file. Default: `bin/`.", Option: "OutputDirectory",
            Environment: "W4B_IMAGE_OUTPUT_DIR"),
        new("output.naming_template", SettingKind.Text, "Name of the image without extension, with `{hive_id}`, `{model}` (3, 4 or 5) and `{timestamp}` (yyyyMMdd_HHmmss).",
            Default: "w4b_pi{model}_{hive_id}_{timestamp}", Check: Values.NamingTemplate),
        new("output.compress", SettingKind.Boolean, "Always true: the image is an .img.xz.", Default: "true", Check: Values.AlwaysCompressed),
        new("output.upload", SettingKind.Boolean, "Whether `dotnet publish` uploads to `output.upload_url`.", Default: "false"),
        new("output.upload_url", SettingKind.Text, "Where to, when there is no `publish.url`.", Check: Values.UploadUrl),
        new("output.download_server", SettingKind.Text, "URL of the server from which users get the image.", Option: "DownloadServer",
            Environment: "W4B_DOWNLOAD_SERVER", Check: Values.HttpUrl),
        new("cache.directory", SettingKind.Text, "Folder for base images and software layers, relative to the YAML file. Default: the user's cache folder + `w4b`.",
            Option: "CacheDirectory", Environment: "W4B_CACHE_DIR"),
        new("cache.max_age_days", SettingKind.WholeNumber, "Days after which what nobody used leaves the cache.", Least: 1, Most: 36500),
        new("cache.max_size_gb", SettingKind.WholeNumber, "Size of the cache in GiB above which what was used least recently leaves it.", Least: 1, Most: 1000000),
        new("cache_dir", SettingKind.Text, "Old name of `cache.directory`.", Deprecated: true, AliasOf: "cache.directory"),
    ];
}

namespace W4b.Image.Configuration;

public static partial class Settings
{
    private static IEnumerable<Setting> Publish() =>
    [
        new("publish.url", SettingKind.Text, "Folder that `dotnet publish` delivers to: `sftp://user@host/folder`, `https://host/folder` (WebDAV), `s3://bucket/folder`, `file:///folder` or a path.",
            Option: "PublishUrl", Environment: "W4B_PUBLISH_URL", Check: Values.PublishUrl),
        new("publish.user", SettingKind.Text, "Account there; for S3 the access key. Default: the URL's, else the user's own name; for S3 the keys that its tools use."),
        new("publish.password", SettingKind.Secret, "Its password, for HTTP or SFTP; for S3 the secret key."),
        new("publish.ssh_key", SettingKind.Secret, "Private SSH key for SFTP. Default: `id_ed25519`, `id_ecdsa` and `id_rsa` of `~/.ssh`."),
        new("publish.ssh_key_passphrase", SettingKind.Secret, "The SSH key's passphrase."),
        new("publish.host_key", SettingKind.Text, "The SSH server's host key, `ssh-ed25519 AAAA...`, or its fingerprint, `SHA256:...`. Default: the one in known_hosts.", Check: Values.HostKey),
        new("publish.endpoint", SettingKind.Text, "URL of an S3-compatible server, `https://s3.example.org`. Default: that of Amazon.", Check: Values.ServerUrl),
        new("publish.region", SettingKind.Text, "Region of the S3 bucket.", Default: "us-east-1"),
        new("publish.keep", SettingKind.WholeNumber, "How many images of a hive stay there; older ones are removed. Default: all.", Least: 1, Most: 10000),
        new("publish.allow_secrets", SettingKind.Boolean, "Whether an image that holds secrets may be published as it is.", Default: "false"),
        new("publish.encrypt_to", SettingKind.List, "Whom a published image is encrypted to: recipients of age (`age1...`, `ssh-ed25519 AAAA...`), or paths of OpenPGP public keys."),
    ];
}

namespace W4b.Image.Configuration;

/// <summary>Where and how `dotnet publish` delivers an image: <c>obj/publish.json</c>. No part of the image depends on it.</summary>
/// <param name="Url">file, sftp, s3, https or http URL of the folder; null for a folder that the build names.</param>
/// <param name="User">The account there; null for the URL's or the user's own name.</param>
/// <param name="Password">Its password; null for none.</param>
/// <param name="SshKey">Private SSH key; null for the user's own.</param>
/// <param name="SshKeyPassphrase">Its passphrase; null for none.</param>
/// <param name="HostKey">The SSH server's host key or its SHA256 fingerprint; null for known_hosts.</param>
/// <param name="Endpoint">https or http URL of an S3-compatible server; null for the provider's own.</param>
/// <param name="Region">The region of an S3 bucket.</param>
/// <param name="Keep">How many images of a hive stay there; null for all.</param>
/// <param name="AllowSecrets">Whether an image that holds secrets may go there as it is.</param>
/// <param name="EncryptTo">Recipients of age, or paths of OpenPGP public keys; empty for no encryption.</param>
/// <param name="DownloadServer">URL from which users get what is published; null for the destination's own.</param>
public sealed record PublishConfiguration(string? Url, string? User, Secret? Password, Secret? SshKey, Secret? SshKeyPassphrase, string? HostKey, string? Endpoint, string? Region, int? Keep,
    bool AllowSecrets, IReadOnlyList<string> EncryptTo, string? DownloadServer);

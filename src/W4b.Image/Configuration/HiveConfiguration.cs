namespace W4b.Image.Configuration;

/// <summary>Everything a hive's image is made from: the model that <see cref="ConfigurationBuilder"/> makes and image.json holds.</summary>
/// <param name="HiveId">The hive's id, e.g. <c>hive_0Bpfj4cT</c>.</param>
/// <param name="Base">The base image.</param>
/// <param name="Software">What the software layer adds.</param>
/// <param name="System">Host name, time zone and the like.</param>
/// <param name="Ssh">The SSH server and who may log in.</param>
/// <param name="Vpn">The WireGuard tunnel; null when it is not set up.</param>
/// <param name="Files">Files of the project's, written into this hive's image.</param>
/// <param name="Services">Units enabled by the project.</param>
/// <param name="EnvironmentFingerprint">Changes when a secret from the environment does; tells nothing of it. Null when there is none.</param>
public sealed record HiveConfiguration(string HiveId, BaseImageConfiguration Base, SoftwareConfiguration Software,
    SystemConfiguration System, SshConfiguration Ssh, VpnConfiguration? Vpn,
    IReadOnlyList<ProjectFile> Files, IReadOnlyList<string> Services, string? EnvironmentFingerprint = null);

/// <summary>The base image.</summary>
/// <param name="PiModel">The Raspberry Pi: 3, 4 or 5.</param>
/// <param name="Architecture">Debian's name of the target architecture: <c>arm64</c> or <c>armhf</c>.</param>
/// <param name="Download">The image to download; null when it is built from packages.</param>
/// <param name="Debian">The base to build from Debian packages; null when it is downloaded.</param>
public sealed record BaseImageConfiguration(int PiModel, string Architecture, DownloadConfiguration? Download, DebianConfiguration? Debian);

/// <summary>A base image at a URL.</summary>
/// <param name="Url">https, http or file URL.</param>
/// <param name="Sha256">sha256 of the file at the URL, 64 lower-case hexadecimal digits.</param>
public sealed record DownloadConfiguration(string Url, string Sha256);

/// <summary>A base built from Debian packages.</summary>
/// <param name="Suite">The suite, e.g. <c>trixie</c>.</param>
/// <param name="Mirror">The mirror's URL; null for the tool's default.</param>
/// <param name="Packages">Packages beside the ones that every hive needs.</param>
public sealed record DebianConfiguration(string Suite, string? Mirror, IReadOnlyList<string> Packages);

/// <summary>What the software layer adds to the base.</summary>
/// <param name="Packages">Debian packages.</param>
/// <param name="Scripts">Full paths of scripts run in the image's root.</param>
/// <param name="Locales">Locales generated.</param>
/// <param name="ImageSize">Wanted size of the image in bytes; 0 for what it needs.</param>
public sealed record SoftwareConfiguration(IReadOnlyList<string> Packages, IReadOnlyList<string> Scripts, IReadOnlyList<string> Locales, long ImageSize);

/// <summary>Settings of the system.</summary>
/// <param name="Hostname">A legal host name of one label (RFC 1123).</param>
/// <param name="Timezone">Name in the tz database.</param>
/// <param name="Locale">Locale, e.g. <c>en_US.UTF-8</c>.</param>
/// <param name="Keyboard">XKB layout.</param>
public sealed record SystemConfiguration(string Hostname, string Timezone, string Locale, string Keyboard);

/// <summary>The SSH server.</summary>
/// <param name="Enabled">Whether it starts.</param>
/// <param name="Port">Its port, 1 to 65535.</param>
/// <param name="PasswordAuthentication">Whether passwords are accepted.</param>
/// <param name="AllowRoot">Whether root may log in by key.</param>
/// <param name="AuthorizedKeys">Public keys, one line each.</param>
public sealed record SshConfiguration(bool Enabled, int Port, bool PasswordAuthentication, bool AllowRoot, IReadOnlyList<string> AuthorizedKeys);

/// <summary>The WireGuard tunnel: either <paramref name="Config"/>, or the other values.</summary>
/// <param name="Config">A whole wg-quick file.</param>
/// <param name="PrivateKey">The hive's private key.</param>
/// <param name="PublicKey">The hub's public key.</param>
/// <param name="Endpoint">The hub, <c>host:port</c>.</param>
/// <param name="Address">The hive's address with prefix length.</param>
/// <param name="AllowedIps">The addresses behind the tunnel, with commas.</param>
/// <param name="PersistentKeepalive">Seconds; 0 for off.</param>
public sealed record VpnConfiguration(Secret? Config, Secret? PrivateKey, string? PublicKey, string? Endpoint, string? Address,
    string? AllowedIps, int PersistentKeepalive);

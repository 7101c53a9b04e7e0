using System.Security.Cryptography;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>One secret of each kind, each from another place, made anew for the test.</summary>
internal sealed class KnownSecrets
{
    private readonly string _vpnKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly string _otherVpnKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly string _wifi = "wifi " + Word();
    private readonly string _database = "database" + Word();
    private readonly string _publish = "publish" + Word();
    private readonly string _passphrase = "passphrase" + Word();
    private string _sshKey = "";

    /// <summary>The password of the account: in the environment's W4B_TEST_PASSWORD.</summary>
    public string Password { get; } = "keeper" + Word();

    /// <summary>All of them; of the SSH key its second line, since a line is what a program would print.</summary>
    public IEnumerable<string> All => [_vpnKey, _otherVpnKey, _wifi, Password, _database, _publish, _passphrase, _sshKey.Split('\n')[1]];

    /// <summary>
    /// A hive's sections with all secrets that can stand together, in a file of a folder beside <c>secrets/</c>. They need no software.
    /// </summary>
    public string Yaml => $$$"""
        network:
          country: DE
          wifi: [{ssid: garden, password: {{{_wifi}}} }]
        security:
          ssh: {private_key: {file: ../secrets/ssh.key}}
          local_access: {username: keeper, password: {env: W4B_TEST_PASSWORD}}
          vpn:
            private_key: {command: [cat, ../secrets/wireguard.key]}
            public_key: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
            server: 203.0.113.10
            client_ip: 10.10.0.2/32
        services:
          database: {type: none, password: {file: ../secrets/database}}
        publish:
          url: sftp://keeper@images.example.org/hives
          password: {file: ../secrets/publish}
          ssh_key: {file: ../secrets/ssh.key}
          ssh_key_passphrase: {command: [cat, ../secrets/passphrase]}

        """;

    /// <summary>Puts the secrets where <see cref="Yaml"/> expects them.</summary>
    public void Write(HiveProject project)
    {
        project.Write("secrets/wireguard.key", _vpnKey + "\n");
        project.Write("secrets/database", _database + "\n");
        project.Write("secrets/publish", _publish + "\n");
        project.Write("secrets/passphrase", _passphrase + "\n");
        project.Write("secrets/wg0.conf", $"[Interface]\nPrivateKey = {_otherVpnKey}\nAddress = 10.10.0.9/32\n[Peer]\nPublicKey = yzc1ajRHvkVhh+QMGGUU5cZF4dtVNzgWCOttNkm0WjU=\nEndpoint = 203.0.113.10:51820\nAllowedIPs = 10.10.0.0/24\n");
        Assert.Equal(0, new Command(project.At("secrets")).Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "ssh.key").ExitCode);
        _sshKey = File.ReadAllText(project.At("secrets/ssh.key"));
        project.Set("W4B_TEST_PASSWORD", Password);
    }

    private static string Word() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}

using System.Diagnostics;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Provisioning;

/// <summary>The device's own script that looks after the tunnel, with a real WireGuard interface in a network that nobody else sees.</summary>
[Trait("Category", "Sandbox")]
public sealed class TunnelScriptTests
{
    // The hub has a name; where it points to changes, as it does when the hub moves.
    private const string Script = """
        set -euo pipefail
        cd "$1"
        mount -t tmpfs tmpfs /run; mkdir -p /run/wireguard wireguard
        cp /etc/hosts hosts; mount --bind hosts /etc/hosts
        mkdir -p /etc/wireguard; mount --bind wireguard /etc/wireguard
        point() { echo "$1 hub.w4b.example" > hosts; }
        ip link set lo up
        point 192.0.2.7
        wireguard-go -f wg0 > wireguard.log 2>&1 &
        for try in $(seq 100); do if [ -S /run/wireguard/wg0.sock ]; then break; fi; sleep 0.1; done
        umask 077
        printf '[Interface]\nPrivateKey = %s\nAddress = 10.10.0.2/32\n\n[Peer]\nPublicKey = %s\nEndpoint = hub.w4b.example:51820\nAllowedIPs = 10.10.0.0/24\n' \
          "$(wg genkey)" "$(wg genkey | wg pubkey)" > wireguard/wg0.conf
        wg-quick strip wg0 | wg setconf wg0 /dev/stdin
        echo "first=$(wg show wg0 endpoints | cut -f2)"
        point 192.0.2.8
        echo "said=$(sh tunnel)"
        echo "then=$(wg show wg0 endpoints | cut -f2)"
        point ''
        echo "lost=$(WG_ENDPOINT_RESOLUTION_RETRIES=0 sh tunnel 2>/dev/null)"
        echo "still=$(wg show wg0 endpoints | cut -f2)"
        kill %1
        """;

    [Fact]
    public async Task A_silent_hub_is_looked_up_by_its_name_again()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["tunnel"], Template.Read("tunnel"));
        string[] own = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        using var process = Process.Start(new ProcessStartInfo("unshare",
            [.. own, "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", Script, "bash", folder.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Equal(
        [
            "first=192.0.2.7:51820", "said=wg0: the hub is silent; its address was looked up again.", "then=192.0.2.8:51820",
            "lost=wg0: the hub is silent, and its address cannot be looked up now.", "still=192.0.2.8:51820",
        ], output.TrimEnd('\n').Split('\n'));
    }
}

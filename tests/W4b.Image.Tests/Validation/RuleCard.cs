using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Provisioning;
using W4b.Image.Tests.Configuration;
using W4b.Image.Validation;

namespace W4b.Image.Tests.Validation;

/// <summary>A small real image that keeps every rule; each test breaks a copy of it.</summary>
public sealed class RuleCard : IAsyncLifetime, IDisposable
{
    public const string Secret = "cGFzc3dvcmQgb2YgdGhlIHR1bm5lbCBvZiBoaXZlX2E=";

    internal static readonly HiveConfiguration Hive = TestHive.Read("""
        hive_id: hive_a
        base_image: {distribution: debian, version: trixie, model: pi4}
        system: {timezone: Europe/Berlin, ssh: {public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOaBYmUD3YngO/v6OSIlYmzleNJ2IHnx8zMrayJ+eBdY keeper"}}
        services: {monitoring: {enabled: true}, database: {type: timescaledb}}
        """);

    internal static readonly FilePlan Plan = new()
    {
        Entries =
        [
            PlannedFile.OfText("/etc/hostname", "hive-a\n"),
            PlannedFile.OfText("/etc/w4b-release", "W4B_BUILD_ID=1\nW4B_HIVE_ID=hive_a\nW4B_LAYER_ID=abc\nW4B_PI_MODEL=4\n"),
            new PlannedLink("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"),
            new PlannedDirectory("/home/w4b", PlanModes.PrivateFolder, "w4b", "w4b"),
            PlannedFile.OfText("/home/w4b/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", PlanModes.PrivateFile, "w4b", "w4b"),
            PlannedFile.OfText("/etc/wireguard/wg0.conf", $"[Interface]\nPrivateKey = {Secret}\nAddress = 10.10.0.2/32\n[Peer]\nPublicKey = {Secret}\nAllowedIPs = 10.10.0.0/24\nEndpoint = hub.example.org:51820\n", PlanModes.PrivateFile),
            PlannedFile.OfText("/etc/ssh/sshd_config.d/10-w4b.conf", "PasswordAuthentication no\nPermitRootLogin no\nPort 22\n"),
            PlannedFile.OfText("/boot/firmware/extra.txt", "on the boot partition\n"),
            PlannedFile.OfText("/etc/nftables.conf", "table inet w4b { chain input { type filter hook input priority 0; policy drop; }; }\n"),
            // In place of what packages would bring.
            PlannedFile.OfText("/usr/lib/postgresql/17/bin/postgres", "program", PlanModes.Program),
            PlannedFile.OfText("/usr/share/postgresql/17/extension/timescaledb.control", "extension"),
            PlannedFile.OfText("/usr/bin/prometheus-node-exporter", "program", PlanModes.Program),
            new PlannedBootLines("config.txt", "dtparam=i2c_arm=on\n"),
        ],
        Users = [new PlannedUser("w4b", "W4B administrator", "/home/w4b", "/bin/bash", ["sudo"])],
        Units = [new EnabledUnit("ssh.service"), new EnabledUnit("wg-quick@wg0.service")],
    };

    private readonly TestFolder _folder = new();

    internal ListLog Log { get; } = new();

    public async Task InitializeAsync()
    {
        await TinyCard.CreateAsync(_folder["card.img"], Log);
        await ImageEdit.ApplyAsync(_folder["card.img"], Plan, Log, default);
    }

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>A copy to break.</summary>
    public async Task<string> CopyAsync(string name)
    {
        await SparseFile.CopyAsync(_folder["card.img"], _folder[name], SparseFile.OwnerOnly, default);
        return _folder[name];
    }

    /// <summary>What the rules say of an image.</summary>
    internal async Task<IReadOnlyList<RuleResult>> CheckAsync(string image, FilePlan? plan, HiveConfiguration? hive, bool quick = false, string? baseImage = null, string? only = null)
    {
        using var card = CardImage.Open(image);
        return await ImageValidator.CheckAsync(
            new RuleSubject(card, Log) { ProjectPlan = plan, Project = hive, Secrets = plan is null ? [] : [Secret], Quick = quick, BaseImage = baseImage },
            [.. RuleCatalog.All.Where(r => only is null || r.Info.Name == only)], quick, default);
    }
}

using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration.Fleet;

/// <summary>Something that a hive must have alone in its fleet.</summary>
/// <param name="What">What it is, in words.</param>
/// <param name="Value">Equal for two hives only when they have the same. Of a secret a keyed hash.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Shown">The value for a message; null for a secret.</param>
internal sealed record HiveMark(string What, string Value, SourceLocation Place, string? Shown);

/// <summary>A hive of a fleet as far as the others are concerned.</summary>
/// <param name="Name">What the fleet's project calls it.</param>
/// <param name="Marks">What it must have alone.</param>
/// <param name="Files">The files that were read for it.</param>
/// <param name="ReadsEnvironment">Whether the marks depend on more than these files.</param>
internal sealed record FleetMember(string Name, IReadOnlyList<HiveMark> Marks, IReadOnlyList<string> Files, bool ReadsEnvironment)
{
    // Of this process alone: the hashes are compared, never kept.
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    /// <summary>
    /// Reads a hive. One with mistakes has but its name and counts as depending on more than files: its own build tells what is wrong.
    /// </summary>
    public static FleetMember Read(FleetHive hive, SourceLocation project)
    {
        // It names the hive's folder in obj/.
        var name = new HiveMark("name", hive.Name, new SourceLocation(hive.ConfigFile, 1, 1), hive.Name);
        try
        {
            var reader = new ConfigurationReader(YamlSource.Load(hive.ConfigFile), hive.Overrides, readSecrets: false);
            var inputs = new ProjectInputs(Path.GetFileNameWithoutExtension(hive.ConfigFile), project, [], [], [], []);
            var model = new ConfigurationBuilder(reader, inputs).Build();
            if (reader.Errors.Count == 0)
                return new FleetMember(hive.Name, [name, .. MarksOf(model, reader)], reader.Files, reader.ReadsEnvironment);
        }
        catch (W4bException)
        {
        }
        catch (Exception e) when (IoFailure.IsFrom(e))
        {
        }

        return new FleetMember(hive.Name, [name], [hive.ConfigFile], ReadsEnvironment: true);
    }

    private static IEnumerable<HiveMark> MarksOf(HiveConfiguration hive, ConfigurationReader reader)
    {
        var id = reader.Place("hive_id");
        yield return new HiveMark("hive id", hive.HiveId, id, hive.HiveId);
        // When it follows from the id, the id is what has to change.
        var hostname = reader.Value("system.hostname").Place ?? id;
        yield return new HiveMark("host name", hive.System.Hostname, hostname, hive.System.Hostname);
        if (hive.Vpn is not { } vpn)
            yield break;
        var config = vpn.Config is { } secret and not { Origin: SecretOrigin.Command } ? secret.Resolve() : "";
        var address = Addresses(vpn.Address ?? "").Concat(WgQuickText.Values(config, "Address").SelectMany(Addresses));
        foreach (var one in address)
            yield return new HiveMark("VPN address", one, (vpn.Config is null ? reader.Place("security.vpn.client_ip") : vpn.Config.Location), one);
        foreach (var key in WgQuickText.Values(config, "PrivateKey"))
            yield return new HiveMark("WireGuard key", Hash(key), vpn.Config!.Location, null);
        if ((vpn.PrivateKey ?? vpn.Config) is { } reference && reference.Origin == SecretOrigin.Command)
            // A password store may ask a person for each of its secrets: two hives that ask for the same one are found all the same.
            yield return new HiveMark("WireGuard key", Hash(string.Join('\0', [reference.Reference, .. reference.Arguments ?? []])), reference.Location, null);
        // A key that the build has yet to make is no other hive's.
        else if (vpn.PrivateKey is { } own && (own.Origin != SecretOrigin.File || File.Exists(own.Reference)))
            yield return new HiveMark("WireGuard key", Hash(own.Resolve()), own.Location, null);
    }

    // Without their prefix lengths: 10.10.0.2 and 10.10.0.2/24 are the same.
    private static IEnumerable<string> Addresses(string list)
        => list.Split(',').Select(a => Values.ReadCidr(a.Trim())?.Address.ToString()).OfType<string>();

    private static string Hash(string secret) => Convert.ToHexString(HMACSHA256.HashData(s_key, Encoding.UTF8.GetBytes(secret)));
}

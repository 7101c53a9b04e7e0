using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Provisioning.FirstBoot;

namespace W4b.Image.Customization;

/// <summary>The plans of a hive with their inputs read: files of the project's and secrets.</summary>
/// <param name="Hive">All but the tunnel.</param>
/// <param name="WireGuard">The tunnel; holds the private key.</param>
/// <param name="Layer">The software layer.</param>
/// <param name="Peer">What the hub must know; null without a tunnel.</param>
/// <param name="BuildId">The id of the image that these plans make of the layer: content only.</param>
internal sealed record HivePlans(FilePlan Hive, FilePlan WireGuard, LayerFacts Layer, HubPeer? Peer, string BuildId)
{
    /// <summary>Makes the plans from image.json and the layer.json beside it. From here on <paramref name="log"/> hides the secrets.</summary>
    public static HivePlans Read(string imageJson, IBuildLog log)
        => Create(ImageJson.Read<HiveConfiguration>(imageJson), ImageJson.Read<LayerInfo>(Path.Combine(Path.GetDirectoryName(imageJson)!, "layer.json")), log);

    /// <summary>Makes the plans. From here on <paramref name="log"/> hides the secrets.</summary>
    public static HivePlans Create(HiveConfiguration hive, LayerInfo layer, IBuildLog log)
    {
        var secrets = 0;
        string Resolve(Secret secret)
        {
            secrets++;
            var value = secret.Resolve();
            (log as ISecretSink)?.AddSecret(value);
            return value;
        }

        var inputs = new PlanInputs(hive, new LayerFacts(layer.Id, layer.Packages.Select(p => p.Name).ToHashSet(StringComparer.Ordinal))
        {
            CommandLine = CommandLine.Parse(layer.CommandLine ?? ""),
        }, Resolve, ReadFile);
        var (plan, tunnel) = (HivePlan.Create(inputs), WireGuardPlan.Create(hive.Vpn, Resolve));
        var id = IdOf(plan.With(tunnel), layer.Id);
        return new HivePlans(plan.With(ReleasePlan.Create(inputs, id, ToolVersion.Current)), tunnel, inputs.Layer, HubPeer.Of(hive.Vpn, Resolve), id)
        {
            HoldsSecrets = secrets > 0 || plan.Entries.OfType<PlannedFile>().Any(f => (f.Mode & UnixFileMode.OtherRead) == 0 && hive.Files.Any(p => p.TargetPath == f.Path)),
        };
    }

    /// <summary>Whether a secret of the configuration is in them, or a file of the project's that not everyone on the device may read.</summary>
    public bool HoldsSecrets { get; private init; }

    /// <summary>Both as one.</summary>
    public FilePlan Whole => Hive.With(WireGuard);

    private static string IdOf(FilePlan plan, string layerId)
    {
        var text = new StringBuilder($"layer {layerId}\ntool {ToolVersion.Current}\n");
        foreach (var entry in plan.Entries)
            text.Append(entry).Append(entry is PlannedFile file ? " " + Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)) : "").Append('\n');
        foreach (var group in plan.Groups)
            text.Append("group ").Append(group).Append('\n');
        foreach (var user in plan.Users)
            text.Append("user ").Append(user).Append(' ').Append(user.PasswordHash).Append('\n');
        foreach (var unit in plan.Units)
            text.Append(unit).Append('\n');
        return ContentFile.Sha256(text.ToString());
    }

    private static SourceFile ReadFile(string path)
    {
        try
        {
            return new SourceFile(File.ReadAllBytes(path), File.GetUnixFileMode(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.FileAccess.Error($"The file {path} for the image cannot be read: {e.Message}", null, e);
        }
    }
}

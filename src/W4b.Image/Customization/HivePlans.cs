using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;

namespace W4b.Image.Customization;

/// <summary>The plans of a hive with their inputs read: files of the project's and secrets.</summary>
/// <param name="Hive">All but the tunnel.</param>
/// <param name="WireGuard">The tunnel; holds the private key.</param>
internal sealed record HivePlans(FilePlan Hive, FilePlan WireGuard)
{
    /// <summary>Makes the plans. From here on <paramref name="log"/> hides the secrets.</summary>
    public static HivePlans Create(HiveConfiguration hive, IBuildLog log)
        => new(HivePlan.Create(hive, ReadFile), WireGuardPlan.Create(hive.Vpn, secret =>
        {
            var value = secret.Resolve();
            (log as ISecretSink)?.AddSecret(value);
            return value;
        }));

    /// <summary>Both as one.</summary>
    public FilePlan Whole => Hive.With(WireGuard);

    /// <summary>The id of the image that these plans make of a layer: content only.</summary>
    public string ImageId(string layerId)
    {
        var text = new StringBuilder($"layer {layerId}\n");
        foreach (var entry in Whole.Entries)
            text.Append(entry).Append(entry is PlannedFile file ? " " + Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)) : "").Append('\n');
        foreach (var user in Whole.Users)
            text.Append(user with { Groups = [] }).Append(string.Join(',', user.Groups)).Append('\n');
        foreach (var unit in Whole.Units)
            text.Append(unit).Append('\n');
        return ContentFile.Sha256(text.ToString());
    }

    private static (ReadOnlyMemory<byte> Content, UnixFileMode Mode) ReadFile(string path)
    {
        try
        {
            return (File.ReadAllBytes(path), File.GetUnixFileMode(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.FileAccess.Error($"The file {path} for the image cannot be read: {e.Message}", null, e);
        }
    }
}

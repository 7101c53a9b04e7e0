using System.Globalization;
using System.Text.Json.Serialization;
using W4b.Image.Configuration;
using W4b.Image.Layers;

namespace W4b.Image.Provenance;

/// <summary>
/// How an image was made: an in-toto statement (<see href="https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md"/>) with
/// SLSA's provenance (<see href="https://slsa.dev/spec/v1.0/provenance"/>). Equal builds give equal statements: no time, no path and no
/// name of the host is in it; and no secret.
/// </summary>
/// <param name="Type">The statement's type.</param>
/// <param name="Subject">The image, compressed and not.</param>
/// <param name="PredicateType">The predicate's type.</param>
/// <param name="Predicate">What was built, of what, by what.</param>
public sealed record ProvenanceStatement([property: JsonPropertyName("_type")] string Type, IReadOnlyList<ResourceDescriptor> Subject, string PredicateType,
    ProvenancePredicate Predicate)
{
    private const string BuildType = "urn:w4b:image-sdk:build:1";

    /// <summary>The statement of an image.</summary>
    /// <param name="subject">Its files with their sha256.</param>
    /// <param name="inputs">What the build was given.</param>
    /// <param name="hive">The configuration.</param>
    /// <param name="layer">The software layer.</param>
    /// <param name="revision">The project's commit; null when it is in none.</param>
    /// <param name="toolVersion">The SDK's version.</param>
    internal static ProvenanceStatement Create(IReadOnlyList<ResourceDescriptor> subject, BuildInputs inputs, HiveConfiguration hive, LayerInfo layer,
        SourceRevision? revision, string toolVersion)
    {
        var builder = $"pkg:nuget/W4b.Image.Sdk@{toolVersion}";
        var external = new ExternalParameters(inputs.Project, hive.HiveId, inputs.Parameters, BuildEpoch.Current.ToUnixTimeSeconds());
        var definition = new BuildDefinition(BuildType, external, new InternalParameters(hive.Base.Architecture, layer.Id),
            [.. Source(revision), BaseOf(hive, layer), .. Files(inputs), .. Packages(hive, layer)]);
        return new ProvenanceStatement("https://in-toto.io/Statement/v1", subject, "https://slsa.dev/provenance/v1",
            new ProvenancePredicate(definition, new RunDetails(new ProvenanceBuilder(builder, new Dictionary<string, string> { ["W4b.Image.Sdk"] = toolVersion }))));
    }

    // Without the repository's URL: clones of one commit have different ones.
    private static IEnumerable<ResourceDescriptor> Source(SourceRevision? revision)
        => revision is null ? [] : [new ResourceDescriptor("source", Digest: new Dictionary<string, string> { ["gitCommit"] = revision.Commit },
            Annotations: new Dictionary<string, string> { ["clean"] = revision.IsClean ? "true" : "false", ["committed"] = revision.Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) })];

    private static ResourceDescriptor BaseOf(HiveConfiguration hive, LayerInfo layer)
        => hive.Base.Download is { } download
            ? new ResourceDescriptor("base image", Layers.Download.DownloadUrl.Shown(new Uri(download.Url)), Sha256(download.Sha256), new Dictionary<string, string> { ["rawSha256"] = layer.BaseSha256 })
            : new ResourceDescriptor("base image", $"urn:w4b:debian-base:{hive.Base.Debian!.Suite}:{hive.Base.Architecture}", Sha256(layer.BaseSha256));

    private static IEnumerable<ResourceDescriptor> Files(BuildInputs inputs)
        => inputs.Files.Select(f => new ResourceDescriptor(f.Path, f.Sha256 is null ? "file:" + Uri.EscapeDataString(f.Path) : null, f.Sha256 is null ? null : Sha256(f.Sha256)));

    // Of those that the layer installed the lock has the hashes; the base's are told by the base's.
    private static IEnumerable<ResourceDescriptor> Packages(HiveConfiguration hive, LayerInfo layer)
    {
        var locked = (layer.Lock?.Packages ?? []).ToDictionary(p => (p.Name, p.Version, p.Architecture), p => Sha256(p.Sha256));
        var python = (layer.Lock?.Python ?? []).Select(w => new ResourceDescriptor(w.Name, $"pkg:pypi/{Uri.EscapeDataString(w.Name)}@{Uri.EscapeDataString(w.Version)}", w.Sha256 is null ? null : Sha256(w.Sha256)));
        return layer.Packages.Select(p => new ResourceDescriptor(p.Name,
            $"pkg:deb/debian/{Uri.EscapeDataString(p.Name)}@{Uri.EscapeDataString(p.Version)}?arch={p.Architecture}" + (hive.Base.Debian is { } debian ? $"&distro={debian.Suite}" : ""),
            locked.GetValueOrDefault((p.Name, p.Version, p.Architecture)))).Concat(python);
    }

    internal static IReadOnlyDictionary<string, string> Sha256(string value) => new Dictionary<string, string> { ["sha256"] = value };
}

/// <summary>A thing: in-toto's ResourceDescriptor.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Uri">What identifies it everywhere.</param>
/// <param name="Digest">Its hashes by algorithm.</param>
/// <param name="Annotations">What else is known of it.</param>
public sealed record ResourceDescriptor(string Name, string? Uri = null, IReadOnlyDictionary<string, string>? Digest = null, IReadOnlyDictionary<string, string>? Annotations = null);

/// <summary>SLSA's provenance.</summary>
/// <param name="BuildDefinition">What was built, of what.</param>
/// <param name="RunDetails">By what.</param>
public sealed record ProvenancePredicate(BuildDefinition BuildDefinition, RunDetails RunDetails);

/// <summary>What was built.</summary>
/// <param name="BuildType">The kind of build: it says what the parameters mean.</param>
/// <param name="ExternalParameters">What the user chose.</param>
/// <param name="InternalParameters">What the builder chose.</param>
/// <param name="ResolvedDependencies">Commit, base image, files, packages.</param>
public sealed record BuildDefinition(string BuildType, ExternalParameters ExternalParameters, InternalParameters InternalParameters, IReadOnlyList<ResourceDescriptor> ResolvedDependencies);

/// <summary>What the user chose.</summary>
/// <param name="Project">The project.</param>
/// <param name="HiveId">The hive.</param>
/// <param name="Properties">Values that beat the YAML.</param>
/// <param name="SourceDateEpoch">The time that everything made bears: SOURCE_DATE_EPOCH or the SDK's constant, seconds since 1970.</param>
public sealed record ExternalParameters(string Project, string HiveId, IReadOnlyDictionary<string, string> Properties, long SourceDateEpoch);

/// <summary>What the builder chose.</summary>
/// <param name="Architecture">Debian's name of the architecture.</param>
/// <param name="LayerId">The software layer's content id.</param>
public sealed record InternalParameters(string Architecture, string LayerId);

/// <summary>By what it was built.</summary>
/// <param name="Builder">The SDK.</param>
public sealed record RunDetails(ProvenanceBuilder Builder);

/// <summary>A builder.</summary>
/// <param name="Id">Its package URL.</param>
/// <param name="Version">Versions of its parts.</param>
public sealed record ProvenanceBuilder(string Id, IReadOnlyDictionary<string, string> Version);

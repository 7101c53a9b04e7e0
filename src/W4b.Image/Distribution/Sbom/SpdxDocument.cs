using System.Text.Json.Nodes;
using W4b.Image.Configuration;
using W4b.Image.Distribution.Contents;

namespace W4b.Image.Distribution.Sbom;

/// <summary>The bill of materials of an image in the form of SPDX 2.3.</summary>
internal static class SpdxDocument
{
    private const string ImageId = "SPDXRef-Image";
    private const string BaseId = "SPDXRef-Base";
    private const string Unknown = "NOASSERTION";

    /// <summary>The document's text; the same for the same image.</summary>
    public static string Write(ImageFacts facts, ImageContents contents)
    {
        var debian = contents.Packages.Select((p, i) => Package($"SPDXRef-Deb-{i + 1}-{Id(p.Name)}", p.Name, p.Version, PackageUrl.Of(p, contents),
            supplier: p.Maintainer.Length == 0 ? Unknown : $"Organization: {p.Maintainer}", homepage: p.Homepage, summary: p.Summary,
            source: $"built from the source package {p.Source}"));
        var python = contents.Python.Select((p, i) => Package($"SPDXRef-Python-{i + 1}-{Id(p.Name)}", p.Name, p.Version, PackageUrl.Of(p), summary: p.Summary));
        var components = facts.Components.Select((c, i) => Package($"SPDXRef-Component-{i + 1}-{Id(c.Name)}", c.Name, c.Revision, PackageUrl.Of(c),
            download: c.Source.Contains("://", StringComparison.Ordinal) ? c.Source : Unknown, purpose: "APPLICATION", sha256: c.Sha256));
        var parts = debian.Concat(python).Concat(components).ToList();
        return JsonText.Write(JsonText.Object(
            ("spdxVersion", "SPDX-2.3"),
            ("dataLicense", "CC0-1.0"),
            ("SPDXID", "SPDXRef-DOCUMENT"),
            ("name", facts.Name),
            ("documentNamespace", $"https://spdx.org/spdxdocs/{facts.Name}-{JsonText.Uuid(facts.Image.Sha256)}"),
            ("creationInfo", JsonText.Object(("created", facts.TimeText), ("creators", JsonText.Array([$"Tool: W4b.Image.Sdk-{facts.ToolVersion}"])))),
            ("packages", JsonText.Array([Image(facts, contents), Base(facts), .. parts])),
            ("relationships", JsonText.Array(
            [
                Relation("SPDXRef-DOCUMENT", "DESCRIBES", ImageId), Relation(ImageId, "DESCENDANT_OF", BaseId),
                .. parts.Select(p => Relation(ImageId, "CONTAINS", p["SPDXID"]!.GetValue<string>())),
            ]))));
    }

    private static JsonObject Image(ImageFacts facts, ImageContents contents)
    {
        var image = Package(ImageId, facts.Name, facts.TimeText, null, purpose: "OPERATING_SYSTEM", sha256: facts.Image.Sha256,
            summary: $"SD card image of the hive {facts.HiveId} for Raspberry Pi {facts.PiModel}: {contents.DistributionName}");
        image["packageFileName"] = facts.Image.Name;
        return image;
    }

    private static JsonObject Base(ImageFacts facts)
        => Package(BaseId, "base image", null, null, purpose: "OPERATING_SYSTEM", sha256: facts.BaseSha256,
            download: facts.Base.Contains("://", StringComparison.Ordinal) ? facts.Base : Unknown, summary: facts.Base);

    private static JsonObject Package(string id, string name, string? version, string? purl, string supplier = Unknown, string? homepage = null,
        string? summary = null, string? source = null, string download = Unknown, string? purpose = null, string? sha256 = null)
        => JsonText.Object(
            ("SPDXID", id),
            ("name", name),
            ("versionInfo", version),
            ("supplier", supplier),
            ("downloadLocation", download),
            ("filesAnalyzed", false),
            ("homepage", homepage is null || !Uri.IsWellFormedUriString(homepage, UriKind.Absolute) ? null : homepage),
            ("summary", summary),
            ("sourceInfo", source),
            ("licenseConcluded", Unknown),
            ("licenseDeclared", Unknown),
            ("copyrightText", Unknown),
            ("primaryPackagePurpose", purpose),
            ("checksums", sha256 is null ? null : JsonText.Array([JsonText.Object(("algorithm", "SHA256"), ("checksumValue", sha256))])),
            ("externalRefs", purl is null ? null : JsonText.Array([JsonText.Object(("referenceCategory", "PACKAGE-MANAGER"), ("referenceType", "purl"), ("referenceLocator", purl))])));

    private static JsonObject Relation(string from, string type, string to)
        => JsonText.Object(("spdxElementId", from), ("relationshipType", type), ("relatedSpdxElement", to));

    // Letters, digits, . and - only. The number before it keeps two that become alike apart.
    private static string Id(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-'));
}

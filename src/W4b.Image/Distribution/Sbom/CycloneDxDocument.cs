using System.Text.Json.Nodes;
using W4b.Image.Distribution.Contents;

namespace W4b.Image.Distribution.Sbom;

/// <summary>The bill of materials of an image in the form of CycloneDX 1.6.</summary>
internal static class CycloneDxDocument
{
    /// <summary>The document's text; the same for the same image.</summary>
    public static string Write(ImageFacts facts, ImageContents contents)
    {
        var components = new List<JsonObject> { Base(facts) };
        components.AddRange(contents.Packages.Select(p => JsonText.Object(
            ("type", "library"), ("bom-ref", PackageUrl.Of(p, contents)),
            ("supplier", p.Maintainer.Length == 0 ? null : JsonText.Object(("name", p.Maintainer))),
            ("name", p.Name), ("version", p.Version), ("description", p.Summary.Length == 0 ? null : p.Summary), ("purl", PackageUrl.Of(p, contents)),
            ("externalReferences", p.Homepage is null || !Uri.IsWellFormedUriString(p.Homepage, UriKind.Absolute) ? null
                : JsonText.Array([JsonText.Object(("type", "website"), ("url", p.Homepage))])),
            ("properties", JsonText.Array([JsonText.Object(("name", "debian:source"), ("value", p.Source))])))));
        components.AddRange(contents.Python.Select(p => JsonText.Object(
            ("type", "library"), ("bom-ref", PackageUrl.Of(p)), ("name", p.Name), ("version", p.Version), ("description", p.Summary),
            ("licenses", p.License is null ? null : JsonText.Array([JsonText.Object(("expression", p.License))])), ("purl", PackageUrl.Of(p)))));
        components.AddRange(facts.Components.Select(c => JsonText.Object(
            ("type", "application"), ("bom-ref", PackageUrl.Of(c)), ("name", c.Name), ("version", c.Revision),
            ("hashes", c.Sha256 is null ? null : Hashes(c.Sha256)), ("purl", PackageUrl.Of(c)),
            ("externalReferences", c.Source.Contains("://", StringComparison.Ordinal) ? JsonText.Array([JsonText.Object(("type", "distribution"), ("url", c.Source))]) : null))));
        return JsonText.Write(JsonText.Object(
            ("bomFormat", "CycloneDX"),
            ("specVersion", "1.6"),
            ("serialNumber", $"urn:uuid:{JsonText.Uuid(facts.Image.Sha256)}"),
            ("version", 1),
            ("metadata", JsonText.Object(
                ("timestamp", facts.TimeText),
                ("tools", JsonText.Object(("components", JsonText.Array([JsonText.Object(("type", "application"), ("name", "W4b.Image.Sdk"), ("version", facts.ToolVersion))])))),
                ("component", JsonText.Object(("type", "operating-system"), ("bom-ref", "image"), ("name", facts.Name), ("version", facts.TimeText),
                    ("description", $"SD card image of the hive {facts.HiveId} for Raspberry Pi {facts.PiModel}: {contents.DistributionName}"),
                    ("hashes", Hashes(facts.Image.Sha256)))))),
            ("components", JsonText.Array(components)),
            ("dependencies", JsonText.Array([JsonText.Object(("ref", "image"), ("dependsOn", JsonText.Array(components.Select(c => c["bom-ref"]!.DeepClone()))))]))));
    }

    private static JsonObject Base(ImageFacts facts)
        => JsonText.Object(("type", "operating-system"), ("bom-ref", "base"), ("name", "base image"), ("description", facts.Base), ("hashes", Hashes(facts.BaseSha256)),
            ("externalReferences", facts.Base.Contains("://", StringComparison.Ordinal) ? JsonText.Array([JsonText.Object(("type", "distribution"), ("url", facts.Base))]) : null));

    private static JsonArray Hashes(string sha256) => JsonText.Array([JsonText.Object(("alg", "SHA-256"), ("content", sha256))]);
}

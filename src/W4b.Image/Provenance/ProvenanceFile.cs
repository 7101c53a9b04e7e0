using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;

namespace W4b.Image.Provenance;

/// <summary>The file <c>NAME.provenance.json</c> beside an image.</summary>
internal static class ProvenanceFile
{
    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="subject">The image's files: name and sha256.</param>
    /// <param name="objFolder">The folder with <c>inputs.json</c>.</param>
    /// <param name="hive">The configuration.</param>
    /// <param name="layer">The software layer.</param>
    /// <param name="revision">The project's commit.</param>
    public static void Write(string path, IEnumerable<(string Name, string Sha256)> subject, string objFolder, HiveConfiguration hive, LayerInfo layer, SourceRevision? revision)
        => ContentFile.WriteAtomically(path, ImageJson.Write(ProvenanceStatement.Create(
            [.. subject.Select(s => new ResourceDescriptor(s.Name, Digest: ProvenanceStatement.Sha256(s.Sha256)))],
            ImageJson.Read<BuildInputs>(Path.Combine(objFolder, BuildInputs.FileName)), hive, layer, revision, ToolVersion.Current)));
}

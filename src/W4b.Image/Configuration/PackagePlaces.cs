using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>
/// Where the configuration names each package, for errors at the user's line. In a file of its own: a package that only moved to
/// another line changes no layer.
/// </summary>
internal static class PackagePlaces
{
    private const string FileName = "package-places.json";

    public static void Write(string objFolder, IReadOnlyDictionary<string, SourceLocation> places)
        => ContentFile.WriteWhenDifferent(Path.Combine(objFolder, FileName), ImageJson.Write(places));

    public static IReadOnlyDictionary<string, SourceLocation> Read(string objFolder)
        => File.Exists(Path.Combine(objFolder, FileName))
            ? ImageJson.Read<Dictionary<string, SourceLocation>>(Path.Combine(objFolder, FileName)) : new Dictionary<string, SourceLocation>();
}

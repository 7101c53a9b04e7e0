using System.Globalization;
using System.Reflection;

namespace W4b.Image.Layers.Download;

/// <summary>A key that signs a publisher's images, and when it did.</summary>
/// <param name="Fingerprint">Fingerprint of the primary key, 40 upper-case hexadecimal digits.</param>
/// <param name="First">The first release that it signed.</param>
/// <param name="Last">The last one; null while it is in use.</param>
/// <param name="Armored">The key itself in ASCII armor; null when this SDK does not have it.</param>
public sealed record PinnedKey(string Fingerprint, DateOnly First, DateOnly? Last, string? Armored)
{
    /// <summary>The keys of Raspberry Pi OS.</summary>
    public static IReadOnlyList<PinnedKey> OfRaspberryPiOs { get; } = [.. Parse(ReadResource("pinned-keys")!)];

    /// <summary>Whether it was in use when an image was released on that day.</summary>
    public bool SignedOn(DateOnly released) => released >= First && (Last is null || released <= Last);

    private static IEnumerable<PinnedKey> Parse(string text)
        => text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(f => new PinnedKey(f[0], Day(f[1])!.Value, Day(f[2]), ReadResource(f[0] + ".asc")));

    private static DateOnly? Day(string text) => text == "-" ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? ReadResource(string name)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        if (resource is null)
            return null;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}

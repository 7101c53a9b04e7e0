using System.Text.Json;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Cache;

/// <summary>
/// Says of something in the cache, a file or a folder of files, what it was when it was made: each file's sha256, and its stamp. A
/// use compares the stamps, which costs nothing, and hashes only what has another one: it was written to, copied or restored. A disk that
/// loses a bit changes no stamp; so everything is hashed again after <see cref="Interval"/>. (Compressed blocks of layers and packages have
/// hashes that are compared at each use.)
/// </summary>
internal static class CacheSeal
{
    /// <summary>How long equal stamps are enough.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromDays(7);

    private const string NameInFolder = "seal.json";

    /// <summary>The seal's own file; its access time is when the entry was last used.</summary>
    public static string PathOf(string entry) => Directory.Exists(entry) ? Path.Combine(entry, NameInFolder) : entry + ".seal";

    /// <summary>Seals what is complete.</summary>
    /// <param name="entry">The file or folder.</param>
    /// <param name="sha256">The file's sha256 when it is known; else it is read.</param>
    public static void Write(string entry, string? sha256 = null)
        => Write(entry, [.. Files(entry).Select(name => new SealedFile(name, Stamp(entry, name), sha256 ?? ContentFile.Sha256OfFile(Join(entry, name))))]);

    /// <summary>
    /// What is wrong with an entry, as the end of a sentence; null when it is what was sealed. More files in a folder do not matter.
    /// </summary>
    /// <param name="entry">The file or folder.</param>
    /// <param name="sha256">The sha256 that a file must have whatever its seal says; null when it is known from the seal alone.</param>
    public static string? FindFault(string entry, string? sha256 = null)
    {
        if (Read(entry) is not { } seal)
        {
            // The build ended between the file's naming and its sealing.
            if (sha256 is null || ContentFile.Sha256OfFile(entry) != sha256)
                return "was never completed";
            Write(entry, sha256);
            return null;
        }

        if (sha256 is not null && seal.Files.Any(f => f.Sha256 != sha256))
            return "has another checksum than its name says";
        var old = DateTimeOffset.UtcNow - seal.Checked > Interval;
        var suspects = seal.Files.Where(f => old || FileStamp.Of(Join(entry, f.Name)) != f.Stamp).ToList();
        foreach (var file in suspects)
        {
            var path = Join(entry, file.Name);
            if (!File.Exists(path))
                return $"has lost {file.Name}";
            if (ContentFile.Sha256OfFile(path) is var actual && actual != file.Sha256)
                return $"is damaged: {Path.GetFileName(path)} has sha256 {actual[..12]}…, and had {file.Sha256[..12]}… when it was made";
        }

        if (suspects.Count > 0)
            Write(entry, [.. seal.Files.Select(f => f with { Stamp = Stamp(entry, f.Name) })]);
        return null;
    }

    private static void Write(string entry, IReadOnlyList<SealedFile> files)
        => DurableFile.Write(PathOf(entry), ImageJson.Write(new Seal(DateTimeOffset.UtcNow, files)));

    private static Seal? Read(string entry)
    {
        try
        {
            return ImageJson.Read<Seal>(PathOf(entry)) is { Files.Count: > 0 } seal ? seal : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    // Of a folder all files, with paths relative to it; a file is one with an empty name.
    private static IEnumerable<string> Files(string entry)
        => Directory.Exists(entry)
            ? Directory.EnumerateFiles(entry, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null)
                .Select(f => Path.GetRelativePath(entry, f)).Where(f => f != NameInFolder).Order(StringComparer.Ordinal)
            : [""];

    private static string Join(string entry, string name) => name.Length == 0 ? entry : Path.Combine(entry, name);

    private static FileStamp Stamp(string entry, string name)
        => FileStamp.Of(Join(entry, name)) ?? throw DiagnosticCode.FileAccess.Error($"{Join(entry, name)} has disappeared while it was checked.");

    private sealed record SealedFile(string Name, FileStamp Stamp, string Sha256);

    private sealed record Seal(DateTimeOffset Checked, IReadOnlyList<SealedFile> Files);
}

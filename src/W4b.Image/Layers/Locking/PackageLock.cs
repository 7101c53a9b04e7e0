using System.Text.Json;
using System.Text.Json.Serialization;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Locking;

/// <summary>
/// What was resolved for a project's software layers: <c>PROJECT.lock.json</c>, to be committed with the project, in the manner of NuGet's
/// packages.lock.json. A project has one layer, a fleet as many as its hives ask for different software.
/// </summary>
/// <param name="Version">Of the file's form.</param>
/// <param name="Layers">By the id of what is asked for.</param>
internal sealed record PackageLock(int Version, IReadOnlyDictionary<string, LockedLayer> Layers)
{
    private const int CurrentVersion = 1;
    private const int RequestIdLength = 16;

    private static PackageLock Empty { get; } = new(CurrentVersion, new Dictionary<string, LockedLayer>());

    /// <summary>Reads the lock; one without layers when there is none.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.LockUnreadable"/>.</exception>
    public static PackageLock Read(string file)
    {
        if (!File.Exists(file))
            return Empty;
        try
        {
            return ImageJson.Read<PackageLock>(file) is { Version: CurrentVersion, Layers: not null } known ? known
                : throw DiagnosticCode.LockUnreadable.Error($"The lock is of a version that this SDK does not know; {CurrentVersion} is expected.", new SourceLocation(file));
        }
        catch (JsonException e)
        {
            throw DiagnosticCode.LockUnreadable.Error($"The lock is no JSON as an SDK writes it: {e.Message}", new SourceLocation(file, (int)(e.LineNumber ?? 0) + 1), e);
        }
    }

    /// <summary>What is locked for what is asked for; null when nothing is.</summary>
    public LockedLayer? Find(IReadOnlyList<StageInput> request) => Layers.GetValueOrDefault(IdOf(request));

    /// <summary>The lock with what a layer was resolved to.</summary>
    /// <param name="layer">What it was resolved to.</param>
    /// <param name="alone">Whether the project has no other layer: what was asked for before is dropped.</param>
    public PackageLock With(LockedLayer layer, bool alone)
        => this with
        {
            Layers = new SortedDictionary<string, LockedLayer>((alone ? [] : Layers.Where(l => l.Key != IdOf(layer.Request))).Append(KeyValuePair.Create(IdOf(layer.Request), layer))
                .ToDictionary(l => l.Key, l => l.Value), StringComparer.Ordinal),
        };

    /// <summary>The file's text.</summary>
    public string Text() => ImageJson.Write(this);

    private static string IdOf(IReadOnlyList<StageInput> request) => ContentFile.Sha256(string.Join('\n', request.Select(i => $"{i.Name}: {i.Value}")))[..RequestIdLength];
}

/// <summary>What a software layer was resolved to.</summary>
/// <param name="Request">What is asked for.</param>
/// <param name="Base">The base image below it.</param>
/// <param name="Packages">Debian packages that the layer installs, sorted by name.</param>
/// <param name="Python">Python packages that it installs, sorted by name.</param>
public sealed record LockedLayer(IReadOnlyList<StageInput> Request, LockedBase Base, IReadOnlyList<LockedPackage> Packages, IReadOnlyList<LockedWheel> Python)
{
    /// <summary>Native twins that were used to install them: <c>name version architecture</c>. They change no byte of the layer.</summary>
    public IReadOnlyList<string> Twins { get; init; } = [];

    /// <summary>The content id of all that makes the layer: not why it was asked for, where a package was found, or what ran natively.</summary>
    [JsonIgnore]
    public string Id => ContentFile.Sha256(ImageJson.Write(this with { Request = [], Twins = [], Packages = [.. Packages.Select(p => p with { Archive = "" })] }));
}

/// <summary>A base image.</summary>
/// <param name="Sha256">sha256 of the raw image.</param>
/// <param name="Packages">Its packages: <c>name version architecture</c>.</param>
public sealed record LockedBase(string Sha256, IReadOnlyList<string> Packages);

/// <summary>A Debian package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture, or <c>all</c>.</param>
/// <param name="Sha256">sha256 of the .deb by the repository's signed list.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Archive">URL of the .deb where it was found.</param>
public sealed record LockedPackage(string Name, string Version, string Architecture, string Sha256, long Size, string Archive);

/// <summary>A Python package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">sha256 of the wheel or archive; null for what has none, a folder.</param>
/// <param name="File">Its file name.</param>
public sealed record LockedWheel(string Name, string Version, string? Sha256, string File);

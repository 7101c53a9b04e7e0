using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Locking;
using W4b.Image.Layers.Packages;

namespace W4b.Image.Steps;

/// <summary>Which of the locked packages the archives have newer.</summary>
public static class OutdatedStep
{
    /// <summary>The locked Debian packages of which there is another version now, as a table in Markdown.</summary>
    /// <param name="softwareJson">What is asked for.</param>
    /// <param name="baseImage">The base image: it says where packages come from.</param>
    /// <param name="lockFile">The project's lock.</param>
    /// <param name="log">Receives what apt says.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.LockMismatch"/>: nothing is locked for what is asked for; the archives cannot be reached.</exception>
    public static async Task<string> RunAsync(string softwareJson, string baseImage, string lockFile, IBuildLog log, CancellationToken ct)
    {
        var inputs = ImageJson.Read<SoftwareInputs>(softwareJson);
        var request = LayerSteps.Of(Path.GetFileNameWithoutExtension(baseImage), inputs).Request;
        var locked = PackageLock.Read(lockFile).Find(request)
            ?? throw DiagnosticCode.LockMismatch.Error("The lock has nothing for the software that is asked for.", new SourceLocation(lockFile));
        var folder = Directory.CreateTempSubdirectory("w4b-apt-");
        try
        {
            var repository = await AptRepository.OpenAsync(SourcesOf(baseImage, folder.FullName), inputs.Architecture, log, ct).ConfigureAwait(false);
            var newest = (await repository.ShowAsync(locked.Packages.Select(p => p.Name), ct).ConfigureAwait(false)).GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.First().Version, StringComparer.Ordinal);
            return Table(locked.Packages, newest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The table.</summary>
    internal static string Table(IReadOnlyList<LockedPackage> locked, IReadOnlyDictionary<string, string> newest)
    {
        var others = locked.Select(p => (p.Name, p.Version, Now: newest.GetValueOrDefault(p.Name, "not in the base image's repositories"))).Where(p => p.Version != p.Now).ToList();
        if (others.Count == 0)
            return $"All {locked.Count} locked packages are the newest.\n";
        var text = new StringBuilder("| package | locked | archive |\n|---|---|---|\n");
        foreach (var (name, version, now) in others)
            text.Append($"| {name} | {version} | {now} |\n");
        return text.ToString();
    }

    private static AptSources SourcesOf(string baseImage, string folder)
    {
        using var root = Ext4FileSystem.Open(baseImage, CardLayout.Read(baseImage).Root.OffsetBytes, writable: false, BuildEpoch.Current);
        return AptSources.OfImage(root, folder);
    }
}

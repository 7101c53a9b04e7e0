using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Layers.Locking;
using W4b.Image.Layers.Packages;
using W4b.Image.Sandbox;

namespace W4b.Image.Steps;

/// <summary>Which of the locked Debian packages, those of the base too, the archives have newer.</summary>
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
            var repository = await AptRepository.OpenAsync(SourcesOf(baseImage, inputs, folder.FullName), inputs.Architecture, log, ct).ConfigureAwait(false);
            var newest = (await repository.ShowAsync(Packages(locked).Select(p => p.Name).Distinct(StringComparer.Ordinal), ct).ConfigureAwait(false)).GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.First().Version, StringComparer.Ordinal);
            return Table(locked, newest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The table.</summary>
    internal static string Table(LockedLayer locked, IReadOnlyDictionary<string, string> newest)
    {
        var all = Packages(locked).ToList();
        var others = all.Select(p => (p.Name, p.Version, Now: newest.GetValueOrDefault(p.Name, "none"), p.Of)).Where(p => p.Version != p.Now).ToList();
        if (others.Count == 0)
            return $"All {all.Count} locked packages are the newest.\n";
        var text = new StringBuilder("| package | locked | archive | of |\n|---|---|---|---|\n");
        foreach (var (name, version, now, of) in others)
            text.Append($"| {name} | {version} | {now} | {of} |\n");
        return text.ToString();
    }

    // What the layer installs over the base is the layer's.
    private static IEnumerable<(string Name, string Version, string Of)> Packages(LockedLayer locked)
        => locked.Packages.Select(p => (p.Name, p.Version, "layer"))
            .Concat(locked.Base.Packages.Select(p => p.Split(' ')).Where(p => locked.Packages.All(l => l.Name != p[0])).Select(p => (p[0], p[1], "base")));

    // The base's repositories and the configuration's.
    private static AptSources SourcesOf(string baseImage, SoftwareInputs inputs, string folder)
    {
        using var root = Ext4FileSystem.Open(baseImage, CardLayout.Read(baseImage).Root.OffsetBytes, writable: false, BuildEpoch.Current);
        var sources = AptSources.OfImage(root, folder);
        foreach (var (index, repository) in inputs.Software.Repositories.Index())
        {
            var key = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "etc/apt/keyrings")).FullName, $"w4b-{index + 1}.{(AptRepositories.IsArmored(repository.KeyFile) ? "asc" : "gpg")}");
            File.Copy(repository.KeyFile, key, overwrite: true);
            var suite = repository.Suite ?? root.ReadAllText("/usr/lib/os-release").Split('\n').First(l => l.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal)).Split('=')[1];
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "etc/apt/sources.list.d")).FullName, $"w4b-{index + 1}.sources"),
                AptRepositories.Source(repository, suite, ArchitectureExtensions.Parse(inputs.Architecture), key));
        }

        return sources;
    }
}

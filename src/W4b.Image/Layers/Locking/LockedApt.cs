using W4b.Image.Diagnostics;
using W4b.Image.Layers.Packages;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Locking;

/// <summary>Makes the apt of a tree install what is locked, where the archives or the pool still have it.</summary>
/// <param name="tree">The tree.</param>
/// <param name="layerLock">What is locked.</param>
/// <param name="pool">Packages that builds downloaded before.</param>
/// <param name="log">Receives what is done.</param>
internal sealed class LockedApt(ImageTree tree, LayerLock layerLock, PackagePool pool, IBuildLog log)
{
    private const string Preferences = "/etc/apt/preferences.d/w4b-lock";
    private const string Source = "/etc/apt/sources.list.d/w4b-lock.list";
    private const string PoolFolder = "w4b-lock";

    // What is told to apt leaves no trace, so that a layer is the same with a lock and without: neither a folder nor a time of one. $1 is the
    // file in the tree, $2 a folder that keeps the times, $3 the text.
    private const string WriteScript = """
        folder=${1%/*}
        if mkdir "$2" 2>/dev/null; then
          touch -r "${folder%/*}" "$2/parent"
          if [ -d "$folder" ]; then touch -r "$folder" "$2/folder"; fi
        fi
        install -D -m 0644 "$3" "$1"
        if [ -e "$2/folder" ]; then touch -r "$2/folder" "$folder"; fi
        touch -r "$2/parent" "${folder%/*}"
        """;

    // A folder that has another time by now has got something of a package's.
    private const string RemoveScript = """
        if [ ! -e "$1" ]; then exit 0; fi
        folder=${1%/*}
        same() { ! [ "$1" -nt "$2" ] && ! [ "$1" -ot "$2" ]; }
        if [ -e "$2/folder" ]; then
          if same "$folder" "$2/folder"; then kept=1; fi
          rm "$1"
          if [ "${kept-}" ]; then touch -r "$2/folder" "$folder"; fi
        else
          if same "${folder%/*}" "$2/parent"; then kept=1; fi
          rm "$1"
          if rmdir "$folder" 2>/dev/null && [ "${kept-}" ]; then touch -r "$2/parent" "${folder%/*}"; fi
        fi
        rm -r "$2"
        """;

    private readonly List<LockedPackage> _installed = [];

    /// <summary>What was installed so far.</summary>
    public IReadOnlyList<LockedPackage> Installed => _installed;

    /// <summary>Tells apt the locked versions.</summary>
    public async Task PinAsync(CancellationToken cancellation)
    {
        if (layerLock.Pins.Count > 0)
            await WriteAsync(Preferences, AptPins.Preferences(layerLock.Pins), cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// What apt is going to install, by <paramref name="plan"/>, which asks it. When that is not what is locked, since the archives have it no
    /// longer, the pool's files become a repository of the tree and apt is asked again.
    /// </summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.LockMismatch"/>: it still is not, and must.</exception>
    public async Task<IReadOnlyList<PackageArchive>> PlanAsync(Func<Task<IReadOnlyList<PackageArchive>?>> plan, CancellationToken cancellation)
    {
        var archives = await plan().ConfigureAwait(false);
        if (layerLock.Pins.Count > 0 && (archives is null || archives.Any(IsAnother)) && await OfferPoolAsync(cancellation).ConfigureAwait(false))
            archives = await plan().ConfigureAwait(false);
        if (archives is null && layerLock.Pins.Count > 0 && !layerLock.IsLocked)
        {
            log.Info("With the locked versions alone apt finds no solution: it is asked without them.");
            await UnpinAsync(cancellation).ConfigureAwait(false);
            archives = await plan().ConfigureAwait(false);
        }

        if (archives is null)
            return []; // the installation fails too, and says why
        var planned = archives.Select(Locked).ToList();
        layerLock.Check(planned);
        _installed.AddRange(planned);
        return archives;
    }

    /// <summary>Takes back all that was told to apt.</summary>
    public async Task UnpinAsync(CancellationToken cancellation)
    {
        if (layerLock.Pins.Count == 0)
            return;
        foreach (var path in new[] { Preferences, Source })
            await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", RemoveScript, "sh", tree.RootFolder + path, TimesOf(path)], log, cancellation).ConfigureAwait(false);
        if (Directory.Exists(Repository))
            Directory.Delete(Repository, recursive: true);
    }

    private string Repository => Path.Combine(tree.ArchivesFolder, PoolFolder);

    private async Task<bool> OfferPoolAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(Repository))
            return false; // it is offered already
        Directory.CreateDirectory(Repository);
        pool.Provide([.. layerLock.Pins.Select(p => new PackageArchive(FileNameOf(p), p.Size, p.Sha256))], Repository);
        var list = new System.Text.StringBuilder();
        foreach (var file in Directory.GetFiles(Repository, "*.deb").Order(StringComparer.Ordinal))
        {
            var control = (await HostTool.DpkgDeb.RunAsync(new QuietLog(log), ["--field", file], cancellation).ConfigureAwait(false)).Output;
            list.Append(AptPins.Stanza(control, "./" + Path.GetFileName(file), new FileInfo(file).Length, ContentFile.Sha256OfFile(file)));
        }

        if (list.Length == 0)
            return false;
        log.Info("The archives no longer have all that is locked: it is taken from the cache.");
        await File.WriteAllTextAsync(Path.Combine(Repository, "Packages"), list.ToString(), cancellation).ConfigureAwait(false);
        // apt reads it as a user of its own, whatever the umask here.
        File.SetUnixFileMode(Repository, Provisioning.PlanModes.PublicFolder);
        foreach (var file in Directory.GetFiles(Repository))
            File.SetUnixFileMode(file, Provisioning.PlanModes.PublicFile);
        // Its files are those that the lock names, by their hashes.
        await WriteAsync(Source, $"deb [trusted=yes] file:/var/cache/apt/archives/{PoolFolder} ./\n", cancellation).ConfigureAwait(false);
        var update = await tree.RunInsideAsync("apt-get", ["update", "-o", $"Dir::Etc::sourcelist={Source}", "-o", "Dir::Etc::sourceparts=-", "-o", "APT::Get::List-Cleanup=0",
            "-o", "Acquire::Languages=none"], log, cancellation).ConfigureAwait(false);
        return update.ExitCode == 0 ? true : throw DiagnosticCode.PackageInstallFailed.Error($"The locked packages in the cache cannot be used: {AptOutput.Problem(update)}");
    }

    private bool IsAnother(PackageArchive archive)
        => Locked(archive) is var package && layerLock.Pins.Any(p => (p.Name, p.Architecture) == (package.Name, package.Architecture) && p.Sha256 != package.Sha256);

    // apt's file names: a colon of a version is written as %3a.
    private static LockedPackage Locked(PackageArchive archive)
        => Path.GetFileNameWithoutExtension(archive.FileName).Split('_') is [var name, var version, var architecture]
            ? new LockedPackage(name, Uri.UnescapeDataString(version), architecture, archive.Sha256, archive.Bytes, Uri.TryCreate(archive.Url, UriKind.Absolute, out var url) ? Download.DownloadUrl.Shown(url) : archive.Url)
            : throw DiagnosticCode.PackageInstallFailed.Error($"apt names a package file {archive.FileName}, expected name, version and architecture with _ between them.");

    private static string FileNameOf(LockedPackage package) => $"{package.Name}_{package.Version.Replace(":", "%3a", StringComparison.Ordinal)}_{package.Architecture}.deb";

    private async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var file = Path.Combine(tree.Folder, "w4b-lock.txt");
        await File.WriteAllTextAsync(file, text, cancellation).ConfigureAwait(false);
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", WriteScript, "sh", tree.RootFolder + path, TimesOf(path), file], log, cancellation).ConfigureAwait(false);
    }

    private string TimesOf(string path) => Path.Combine(tree.Folder, Path.GetFileName(path) + ".times");
}

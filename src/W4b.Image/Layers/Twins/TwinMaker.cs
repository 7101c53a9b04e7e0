using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Packages;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Twins;

/// <summary>Makes a tree of twins: packages chosen, downloaded, unpacked, trimmed, tried.</summary>
internal sealed class TwinMaker(AptRepository repository, PackagePool pool, Architecture architecture, IBuildLog log)
{
    /// <summary>The file in the tree that tells which packages' programs are in it.</summary>
    public const string ListName = "packages.json";

    // A program whose libraries are not all there is removed; so is perl when one of its modules' are not. Only the shell's own commands.
    private const string Trial = """
        cd "$1"
        for program in bin/* bin/apt/* bin/apt/methods/*; do
          if [ ! -f "$program" ]; then continue; fi
          needs=$(LD_TRACE_LOADED_OBJECTS=1 "./$program" 2>&1) || needs='not found'
          case $needs in *'not found'*) echo "lacks $program" ;; esac
        done
        modules() {
          for entry in "$1"/*; do
            if [ -L "$entry" ]; then continue; elif [ -d "$entry" ]; then modules "$entry"; else
              case $entry in *.so) needs=$(./ld.so --list "$entry" 2>&1) || :; case $needs in *'not found'*) echo lacks bin/perl ;; esac ;; esac
            fi
          done
        }
        for folder in lib/perl*; do modules "$folder"; done
        """;

    /// <summary>Makes the tree in <paramref name="folder"/>.</summary>
    /// <param name="wanted">The target's packages of which twins are wanted, <see cref="TwinPackages.Wanted"/>.</param>
    /// <param name="target">All packages of the target: a library's version is the target's where there is a choice.</param>
    /// <param name="folder">A new folder.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task MakeAsync(IReadOnlyList<InstalledPackage> wanted, IReadOnlyList<InstalledPackage> target, string folder, CancellationToken cancellation)
    {
        var found = await ChooseAsync(wanted, target, cancellation).ConfigureAwait(false);
        var same = found.Where(p => wanted.Any(w => w.Name == p.Name && TwinPackages.SameSource(w.Version, p.Version))).ToList();
        var emulated = wanted.Where(w => same.All(p => p.Name != w.Name)).ToList();
        if (emulated.Count > 0)
            log.Info($"Emulated, for there is no {NativeTwins.HostArchitecture} package of the same version: {string.Join(' ', emulated.Select(p => $"{p.Name} {p.Version}"))}.");
        if (same.Count == 0)
            throw DiagnosticCode.PackageInstallFailed.Error($"The target's repositories have no {NativeTwins.HostArchitecture} package of the target's versions.");

        var tree = new TwinTree(folder, architecture);
        var listed = Listed();
        foreach (var deb in await repository.DownloadAsync(found, pool, cancellation).ConfigureAwait(false))
        {
            var package = Path.GetFileName(deb).Split('_')[0];
            var unpacked = deb + ".unpacked";
            if (Directory.Exists(unpacked))
                Directory.Delete(unpacked, recursive: true);
            await HostTool.DpkgDeb.RunAsync(log, ["-x", deb, unpacked], cancellation).ConfigureAwait(false);
            if (same.Any(p => p.Name == package))
                tree.AddPrograms(unpacked, listed);
            tree.AddLibraries(unpacked);
        }

        // What a perl program does depends on the modules that there are.
        if (emulated.Any(p => TwinPackages.IsPerlModule(p.Name)))
            File.Delete(Path.Combine(tree.Bin, "perl"));
        tree.Complete();
        await TryAsync(tree, cancellation).ConfigureAwait(false);
        File.WriteAllText(Path.Combine(folder, ListName),
            ImageJson.Write(same.Select(p => new InstalledPackage(p.Name, p.Version, p.Architecture)).ToList()));
    }

    // What is wanted, and the libraries of that.
    private async Task<IReadOnlyList<PackageStanza>> ChooseAsync(IReadOnlyList<InstalledPackage> wanted, IReadOnlyList<InstalledPackage> target,
        CancellationToken cancellation)
    {
        var versions = target.Concat(wanted).ToLookup(p => p.Name, p => p.Version);
        var chosen = new Dictionary<string, PackageStanza>();
        var asked = new HashSet<string>();
        for (var names = wanted.Select(w => w.Name).Append("libc6").Distinct().ToList(); names.Count > 0;)
        {
            asked.UnionWith(names);
            foreach (var known in (await repository.ShowAsync(names, cancellation).ConfigureAwait(false)).GroupBy(p => p.Name))
                if (known.First().Architecture != "all")
                    chosen[known.Key] = known.FirstOrDefault(p => versions[p.Name].Any(v => TwinPackages.SameSource(v, p.Version))) ?? known.First();
            names = [.. chosen.Values.SelectMany(p => p.Dependencies).Where(d => TwinPackages.IsSupport(d) && !asked.Contains(d)).Distinct()];
        }

        return [.. chosen.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    private static Func<string, bool> Listed()
    {
        var programs = SandboxHelper.ListTwins();
        return name => programs.Contains(name)
            || programs.Any(p => p.EndsWith('.') && name.Length > p.Length && name.StartsWith(p, StringComparison.Ordinal) && name[p.Length..].All(char.IsAsciiDigit));
    }

    private async Task TryAsync(TwinTree tree, CancellationToken cancellation)
    {
        // In an empty root no library of anybody else is found.
        var root = Directory.CreateDirectory(tree.Folder + ".empty").FullName;
        var options = new SandboxOptions
        {
            Root = root,
            Environment = ImageTree.ChrootEnvironment(),
            Architecture = architecture,
            Twins = tree.Folder,
        };
        var lacking = new HashSet<string>();
        var result = await SandboxRunner.RunAsync(options, SandboxOptions.TwinsPath + "/bin/dash", ["-euc", Trial, "sh", SandboxOptions.TwinsPath], log, cancellation, onLine: line =>
        {
            if (line.Split(' ') is ["lacks", var program])
                lacking.Add(program);
        }).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ChrootFailed.Error($"The native twins cannot be tried: {result.LastLine}");
        foreach (var program in lacking)
        {
            log.Info($"Emulated, for a library is missing: {Path.GetFileName(program)}.");
            File.Delete(Path.Combine(tree.Folder, program));
        }
    }
}

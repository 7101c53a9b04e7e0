using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Packages;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Twins;

/// <summary>Makes a tree of twins: packages chosen, downloaded, unpacked, trimmed, tried.</summary>
internal sealed class TwinMaker(AptRepository repository, PackagePool pool, Architecture architecture, IBuildLog log)
{
    // A program whose libraries are not all there is removed; so is perl when one of its modules' are not, and a program of dpkg that does not say
    // that it is the target's. Only the shell's own commands.
    private const string Trial = """
        cd "$1"
        for program in bin/* bin/apt/* bin/apt/methods/* bin/dracut/*; do
          if [ ! -f "$program" ]; then continue; fi
          needs=$(LD_TRACE_LOADED_OBJECTS=1 "./$program" 2>&1) || needs='not found'
          case $needs in *'not found'*) echo "lacks $program"; continue ;; esac
          case $program in bin/dpkg | bin/dpkg-*) case $("$program" --version) in *"($2)"*) ;; *) echo "foreign $program" ;; esac ;; esac
        done
        if [ -f bin/dpkg ] && [ "$(bin/dpkg --print-architecture)" != "$2" ]; then echo foreign bin/dpkg; fi
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
    /// <param name="asked">The packages of which twins are asked for.</param>
    /// <param name="request">The target: a library's version is the target's where there is a choice.</param>
    /// <param name="basis">What is in the tree that this one begins as a copy of; of a new one nothing but its suite.</param>
    /// <param name="basisFolder">That tree; null for a new one.</param>
    /// <param name="folder">A new folder.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task MakeAsync(IReadOnlyList<InstalledPackage> asked, TwinRequest request, TwinList basis, string? basisFolder, string folder, CancellationToken cancellation)
    {
        var found = await ChooseAsync(asked, request.Target, basis.Unpacked, cancellation).ConfigureAwait(false);
        // What is asked for stands for its versioned package too, as python3-minimal does.
        asked = [.. asked, .. TwinPackages.Wanted(found.Where(p => request.IsFree(p.Name) && asked.All(a => a.Name != p.Name))
            .Select(p => new InstalledPackage(p.Name, p.Version, p.Architecture)))];
        var same = found.Where(p => asked.Any(a => a.Name == p.Name && TwinPackages.SameSource(a.Version, p.Version))).ToList();
        var emulated = asked.Where(a => same.All(p => p.Name != a.Name)).ToList();
        if (emulated.Count > 0)
            log.Info($"Emulated, for there is no {NativeTwins.HostArchitecture} package of the same version: {string.Join(' ', emulated.Select(p => $"{p.Name} {p.Version}"))}.");
        if (same.Count + basis.Packages.Count == 0)
            throw DiagnosticCode.PackageInstallFailed.Error($"The target's repositories have no {NativeTwins.HostArchitecture} package of the target's versions.");

        if (basisFolder is not null)
            await ImageTree.RunOutsideAsync("/bin/cp", ["-a", "--", basisFolder, folder], log, cancellation).ConfigureAwait(false);
        var tree = new TwinTree(folder, architecture);
        var listed = Listed();
        foreach (var deb in found.Count == 0 ? [] : await repository.DownloadAsync(found, pool, cancellation).ConfigureAwait(false))
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
        new TwinList(basis.Suite, [.. basis.Asked, .. asked], [.. basis.Packages, .. same.Select(p => new InstalledPackage(p.Name, p.Version, p.Architecture))],
            [.. basis.Unpacked, .. found.Select(p => p.Name)]).Write(folder);
    }

    // What is asked for, and the libraries of that which are not there.
    private async Task<IReadOnlyList<PackageStanza>> ChooseAsync(IReadOnlyList<InstalledPackage> asked, IReadOnlyList<InstalledPackage> target, IReadOnlyList<string> there,
        CancellationToken cancellation)
    {
        var versions = target.Concat(asked).ToLookup(p => p.Name, p => p.Version);
        var chosen = new Dictionary<string, PackageStanza>();
        var shown = there.ToHashSet();
        for (var names = asked.Select(a => a.Name).Append("libc6").Distinct().Where(n => !there.Contains(n)).ToList(); names.Count > 0;)
        {
            shown.UnionWith(names);
            foreach (var known in (await repository.ShowAsync(names, cancellation).ConfigureAwait(false)).GroupBy(p => p.Name))
                if (known.First().Architecture != "all")
                    chosen[known.Key] = known.FirstOrDefault(p => versions[p.Name].Any(v => TwinPackages.SameSource(v, p.Version))) ?? known.First();
            names = [.. chosen.Values.SelectMany(p => p.Dependencies).Where(d => TwinPackages.IsSupport(d) && !shown.Contains(d)).Distinct()];
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
        var unfit = new Dictionary<string, string>();
        var result = await SandboxRunner.RunAsync(options, SandboxOptions.TwinsPath + "/bin/dash", ["-euc", Trial, "sh", SandboxOptions.TwinsPath, architecture.DebianName()], log, cancellation, onLine: line =>
        {
            if (line.Split(' ') is [("lacks" or "foreign") and var fault, var program])
                unfit[program] = fault == "lacks" ? "a library is missing" : "it is not the target's";
        }).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ChrootFailed.Error($"The native twins cannot be tried: {result.LastLine}");
        foreach (var (program, fault) in unfit)
        {
            log.Info($"Emulated, for {fault}: {Path.GetFileName(program)}.");
            File.Delete(Path.Combine(tree.Folder, program));
        }
    }
}

using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;

namespace W4b.Image.Layers.Components;

/// <summary>Puts components into <c>/opt/w4b</c> of a tree, and Python packages into the environment that they share.</summary>
internal sealed class ComponentInstaller(ImageTree tree, IBuildLog log)
{
    /// <summary>The virtual environment; it sees Debian's Python packages too.</summary>
    public const string Environment = "/opt/w4b/venv";

    // Inside the tree, while packages are installed.
    private const string Wheels = "/w4b-wheels";

    /// <summary>
    /// Installs Python packages, in the versions of <paramref name="locked"/>, and then the components of <paramref name="folders"/>, by name. Returns
    /// the Python packages that were installed.
    /// </summary>
    public async Task<IReadOnlyList<LockedWheel>> InstallAsync(SoftwareConfiguration software, IReadOnlyDictionary<string, string> folders, IReadOnlyList<LockedWheel> locked,
        CancellationToken cancellation)
    {
        IReadOnlyList<LockedWheel> installed = [];
        if (software.NeedsPython || folders.Values.Any(IsPython))
            await RunAsync("python3", ["-m", "venv", "--without-pip", "--system-site-packages", Environment], cancellation).ConfigureAwait(false);
        if (software.NeedsPython)
            installed = await InstallPackagesAsync(software, locked, cancellation).ConfigureAwait(false);
        foreach (var (name, folder) in folders.OrderBy(f => f.Key, StringComparer.Ordinal))
            await InstallComponentAsync(name, folder, cancellation).ConfigureAwait(false);
        return installed;
    }

    private async Task<IReadOnlyList<LockedWheel>> InstallPackagesAsync(SoftwareConfiguration software, IReadOnlyList<LockedWheel> locked, CancellationToken cancellation)
    {
        log.Info($"Installing Python packages: {string.Join(' ', software.PythonPackages)}{(software.PythonRequirements is { } file ? $" and those of {Path.GetFileName(file)}" : "")}.");
        List<string> arguments = [];
        if (software.PythonWheels is { } wheels)
        {
            await CopyAsync(wheels, Wheels, cancellation).ConfigureAwait(false);
            arguments.AddRange(["--no-index", "--find-links", Wheels]);
        }
        else if (software.PythonIndex is { } index)
        {
            arguments.AddRange(["--index-url", index]);
        }

        const string requirements = "/w4b-requirements.txt";
        if (software.PythonRequirements is { } list)
        {
            await ImageTree.RunOutsideAsync("/usr/bin/install", ["-m", "0644", list, tree.RootFolder + requirements], log, cancellation).ConfigureAwait(false);
            arguments.AddRange(["--requirement", requirements]);
        }

        const string constraints = "/w4b-constraints.txt";
        const string report = "/w4b-report.json";
        if (locked.Count > 0)
        {
            var pinned = Path.Combine(tree.Folder, "constraints.txt");
            await File.WriteAllLinesAsync(pinned, locked.Select(w => $"{w.Name}=={w.Version}"), cancellation).ConfigureAwait(false);
            await ImageTree.RunOutsideAsync("/usr/bin/install", ["-m", "0644", pinned, tree.RootFolder + constraints], log, cancellation).ConfigureAwait(false);
            arguments.AddRange(["--constraint", constraints]);
        }

        await PipAsync(["--report", report, .. arguments, .. software.PythonPackages], cancellation).ConfigureAwait(false);
        var text = new StringBuilder();
        await RunAsync("cat", [report], cancellation, new QuietLog(log), line => text.AppendLine(line)).ConfigureAwait(false);
        await ImageTree.RunOutsideAsync("/bin/rm", ["-rf", tree.RootFolder + requirements, tree.RootFolder + Wheels, tree.RootFolder + constraints, tree.RootFolder + report], log, cancellation)
            .ConfigureAwait(false);
        return PipReport.Parse(text.ToString());
    }

    private async Task InstallComponentAsync(string name, string folder, CancellationToken cancellation)
    {
        var target = $"/opt/w4b/{name}";
        await CopyAsync(folder, target, cancellation).ConfigureAwait(false);
        if (!IsPython(folder))
            return;
        // What it needs is Debian's, or was installed above.
        await PipAsync(["--no-index", "--no-deps", "--no-build-isolation", target], cancellation).ConfigureAwait(false);
        await RunAsync("/bin/sh", ["-euc", "rm -rf \"$1\"/build \"$1\"/*.egg-info", "sh", target], cancellation).ConfigureAwait(false);
    }

    // Owners are the image's; modes and times do not depend on whoever checked the files out, and when.
    private async Task CopyAsync(string folder, string target, CancellationToken cancellation)
        => await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", """
            mkdir -p "$2"
            tar -C "$1" --exclude-vcs --exclude=__pycache__ --exclude=.venv --no-acls --no-xattrs --mtime="@$3" -cf - . | tar -C "$2" --no-same-owner -xf -
            chown -R 0:0 "$2"
            chmod -R u=rwX,go=rX "$2"
            """, "sh", folder, tree.RootFolder + target, BuildEpoch.Current.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)], log, cancellation).ConfigureAwait(false);

    private Task PipAsync(IEnumerable<string> arguments, CancellationToken cancellation)
        => RunAsync("python3", ["-m", "pip", "--python", $"{Environment}/bin/python", "--disable-pip-version-check", "--no-cache-dir", "--no-input",
            "install", "--root-user-action=ignore", .. arguments], cancellation);

    private async Task RunAsync(string command, IEnumerable<string> arguments, CancellationToken cancellation, IBuildLog? quiet = null, Action<string>? onLine = null)
    {
        var result = await tree.RunInsideAsync(command, arguments, quiet ?? log, cancellation, onLine: onLine).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.ComponentUnusable.Error($"{command} ended with exit code {result.ExitCode}: {Problem(result.Output) ?? result.LastLine}");
    }

    private static string? Problem(string output) => output.Split('\n').LastOrDefault(l => l.StartsWith("ERROR: ", StringComparison.Ordinal));

    private static bool IsPython(string folder) => File.Exists(Path.Combine(folder, "pyproject.toml")) || File.Exists(Path.Combine(folder, "setup.py"));
}

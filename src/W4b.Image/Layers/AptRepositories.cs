using System.Globalization;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Download;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers;

/// <summary>
/// Names the configuration's apt repositories in a tree, each with the key that signs it and nothing else: sources.list(5), deb822-style.
/// They stay: the device's updates come from there too.
/// </summary>
internal sealed class AptRepositories(ImageTree tree, IBuildLog log)
{
    /// <summary>Writes sources and keys.</summary>
    public async Task WriteAsync(IReadOnlyList<RepositoryConfiguration> repositories, CancellationToken cancellation)
    {
        foreach (var (index, repository) in repositories.Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"w4b-{index + 1}");
            // apt tells the two forms of a key by the name.
            var key = $"/etc/apt/keyrings/{name}.{(IsArmored(repository.KeyFile) ? "asc" : "gpg")}";
            await InstallAsync(await File.ReadAllBytesAsync(repository.KeyFile, cancellation).ConfigureAwait(false), key, cancellation).ConfigureAwait(false);
            var suite = repository.Suite ?? await SuiteAsync(cancellation).ConfigureAwait(false);
            await InstallAsync(Encoding.UTF8.GetBytes(Source(repository, suite, tree.Architecture, key)), $"/etc/apt/sources.list.d/{name}.sources", cancellation).ConfigureAwait(false);
            log.Info($"Repository {DownloadUrl.Shown(new Uri(repository.Url))}, {suite}.");
        }
    }

    /// <summary>The text of a source. Of other architectures it has nothing for this device.</summary>
    internal static string Source(RepositoryConfiguration repository, string suite, Architecture architecture, string key)
        // A suite that is a path has no components.
        => $"# Made with the image: software.repositories.\nTypes: deb\nURIs: {repository.Url}\nSuites: {suite}\n"
            + (suite.EndsWith('/') ? "" : $"Components: {string.Join(' ', repository.Components)}\n")
            + $"Architectures: {architecture.DebianName()}\nSigned-By: {key}\n";

    internal static bool IsArmored(string keyFile) => File.ReadAllText(keyFile).StartsWith("-----BEGIN", StringComparison.Ordinal);

    private async Task<string> SuiteAsync(CancellationToken cancellation)
    {
        var suite = "";
        await tree.RunInsideAsync("/bin/sh", ["-c", ". /etc/os-release; echo \"$VERSION_CODENAME\""], new QuietLog(log), cancellation, onLine: line => suite = line.Trim())
            .ConfigureAwait(false);
        return suite.Length > 0 ? suite
            : throw DiagnosticCode.PackageInstallFailed.Error("The base does not tell its suite (VERSION_CODENAME in /etc/os-release): software.repositories[].suite is needed.");
    }

    private Task InstallAsync(byte[] content, string path, CancellationToken cancellation)
        => ImageTree.RunOutsideAsync("/bin/sh", ["-euc", "mkdir -p \"${1%/*}\"; cat > \"$1\"; chmod 0644 \"$1\"", "sh", tree.RootFolder + path], log, cancellation,
            (stream, token) => stream.WriteAsync(content, token).AsTask());
}

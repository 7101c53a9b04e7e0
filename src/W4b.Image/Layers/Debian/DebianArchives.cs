using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Packages;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers.Debian;

/// <summary>
/// The .debs of a Debian base, fetched before it is set up, and those of the layer over it, fetched meanwhile: setting up keeps the
/// processors busy for minutes and the network idle. All of it only saves time: what it does not bring is downloaded when it is installed.
/// </summary>
/// <param name="configuration">The base.</param>
/// <param name="architecture">Its architecture.</param>
/// <param name="folder">A folder to work in, which the caller removes.</param>
/// <param name="pool">What was downloaded before, and where downloads go.</param>
/// <param name="log">Is told when nothing comes of it.</param>
internal sealed class DebianArchives(DebianConfiguration configuration, Architecture architecture, string folder, PackagePool pool, IBuildLog log)
{
    private AptRepository? _repository;

    /// <summary>Brings the .debs of a base with these packages into <paramref name="archives"/>.</summary>
    public Task FetchAsync(IReadOnlyList<string> packages, string archives, CancellationToken cancellation)
        => TryAsync(async () =>
        {
            _repository ??= await AptRepository.OpenAsync(await AptSources.OfDebianAsync(configuration, folder, log, cancellation).ConfigureAwait(false),
                architecture.DebianName(), log, cancellation).ConfigureAwait(false);
            await _repository.DownloadAllAsync(["?essential", .. packages], pool, cancellation).ConfigureAwait(false);
            _repository.MoveArchives(archives);
        });

    /// <summary>Brings into the pool what a layer with these packages needs beyond its base.</summary>
    public Task FetchLaterAsync(IReadOnlyList<string> basePackages, IReadOnlyList<string> packages, CancellationToken cancellation)
        => _repository is null || packages.Count == 0 ? Task.CompletedTask
            : TryAsync(() => _repository.DownloadAllAsync(["?essential", .. basePackages, .. packages], pool, cancellation));

    private async Task TryAsync(Func<Task> fetch)
    {
        try
        {
            await fetch().ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.PackageInstallFailed)
        {
            log.Info($"Packages are not downloaded ahead: {e.Diagnostics[0].Message}");
        }
    }
}

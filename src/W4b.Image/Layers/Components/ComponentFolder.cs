using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Download;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Components;

/// <summary>Brings a component's files into a folder of the build, wherever they come from.</summary>
internal sealed class ComponentFolder(CacheFolder cache, string workFolder, IBuildLog log)
{
    /// <summary>The folder with the files of <paramref name="component"/>, without a folder around them that an archive may have.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ComponentUnusable"/>, or what a download may end with.</exception>
    public async Task<string> FetchAsync(ComponentConfiguration component, CancellationToken cancellation)
    {
        log.Info($"Component {component.Name} from {(IsUrl(component) ? DownloadUrl.Shown(new Uri(component.Source)) : component.Source)}.");
        if (component.Revision is not null)
            return await CloneAsync(component, cancellation).ConfigureAwait(false);
        if (Directory.Exists(component.Source))
            return component.Source;
        var archive = component.Source;
        if (IsUrl(component))
        {
            using var download = new BaseImageDownload();
            archive = await download.FetchAsync([new Uri(component.Source)], Sha256Digest.Parse(component.Sha256!), cache, log, cancellation).ConfigureAwait(false);
        }

        var folder = Directory.CreateDirectory(Path.Combine(workFolder, component.Name)).FullName;
        await ImageTree.RunOutsideAsync(HostTool.Bsdtar.Path, ["-x", "--no-same-owner", "-f", archive, "-C", folder], log, cancellation).ConfigureAwait(false);
        return Directory.GetFileSystemEntries(folder) is [var only] && Directory.Exists(only) ? only : folder;
    }

    private static bool IsUrl(ComponentConfiguration component) => component.Source.Contains("://", StringComparison.Ordinal);

    // A commit by its number is not always served by itself, so the whole history is; a component is small.
    private async Task<string> CloneAsync(ComponentConfiguration component, CancellationToken cancellation)
    {
        var folder = Path.Combine(workFolder, component.Name);
        await HostTool.Git.RunAsync(log, ["clone", "--quiet", "--no-checkout", component.Source, folder], cancellation).ConfigureAwait(false);
        await HostTool.Git.RunAsync(log, ["-C", folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", component.Revision!], cancellation).ConfigureAwait(false);
        var commit = (await HostTool.Git.RunAsync(log, ["-C", folder, "rev-parse", "HEAD"], cancellation).ConfigureAwait(false)).Output.Trim();
        log.Info($"Component {component.Name} is at commit {commit}.");
        return folder;
    }
}

using System.Security.Cryptography;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Locking;

namespace W4b.Image.Steps;

/// <summary>The fake domain: a layer is a file named by the hash of its inputs; an open session is a file "open".</summary>
public sealed class SoftwareLayerSession : IAsyncDisposable
{
    private readonly FakeConfiguration _configuration;
    private readonly string _layer;
    private readonly string _open;

    private SoftwareLayerSession(FakeConfiguration configuration, string layer)
    {
        (_configuration, _layer, _open) = (configuration, layer, layer + ".open");
        File.WriteAllText(_open, "");
    }

    /// <summary>As in the real domain.</summary>
    public string? LayerImage => File.Exists(_layer) ? _layer : null;

    /// <summary>As in the real domain.</summary>
    public static Task<SoftwareLayerSession> OpenAsync(string softwareJson, string baseImage, string cacheFolder, LockOptions locking, IBuildLog log, CancellationToken ct)
    {
        log.Info($"lock: {locking}");
        if (locking.Update)
            File.AppendAllText(locking.File!, "updated\n");
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(baseImage + File.ReadAllText(softwareJson)));
        var folder = Directory.CreateDirectory(Path.Combine(cacheFolder, "layers")).FullName;
        return Task.FromResult(new SoftwareLayerSession(FakeConfiguration.Read(softwareJson), Path.Combine(folder, Convert.ToHexStringLower(key) + ".img")));
    }

    /// <summary>As in the real domain.</summary>
    public Task MountAsync(IBuildLog log, CancellationToken ct) => Run("Mount", log);

    /// <summary>As in the real domain. <c>software: slow</c> runs until it is cancelled.</summary>
    public async Task ApplyAsync(bool nativeTwins, IBuildLog log, CancellationToken ct)
    {
        await Run("Apply", log).ConfigureAwait(false);
        log.Info($"Apply, native twins: {nativeTwins}");
        if (_configuration["software"] == "slow")
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(false);
    }

    /// <summary>As in the real domain.</summary>
    public async Task<string> WriteImageAsync(IBuildLog log, CancellationToken ct)
    {
        await Run("Write", log).ConfigureAwait(false);
        await File.WriteAllTextAsync(_layer, "layer", ct).ConfigureAwait(false);
        return _layer;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        File.Delete(_open);
        return ValueTask.CompletedTask;
    }

    private Task Run(string step, IBuildLog log)
    {
        ObjectDisposedException.ThrowIf(!File.Exists(_open), this);
        _configuration.Run(step, log);
        return Task.CompletedTask;
    }
}

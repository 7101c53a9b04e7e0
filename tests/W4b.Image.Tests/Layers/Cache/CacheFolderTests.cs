using System.Diagnostics;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Tests.Layers.Cache;

public sealed class CacheFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CacheFolder _cache;

    public CacheFolderTests() => _cache = new CacheFolder(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_folders_belong_to_the_user_alone()
    {
        foreach (var folder in new[] { _cache.Root, _cache.Downloads, _cache.Base, _cache.Layers, _cache.Work })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var failure = Assert.Throws<W4bException>(() => new CacheFolder("/dev/null/cache"));
        Assert.Equal(DiagnosticCode.FileAccess, failure.Diagnostics[0].Code);
        Assert.Contains("/dev/null/cache", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_excludes_other_tasks()
    {
        var told = new TaskCompletionSource();
        var log = new ListLog { OnLine = _ => told.TrySetResult() };
        var first = await _cache.LockAsync("name", log, default);
        Assert.Empty(log.Lines);

        var second = _cache.LockAsync("name", log, default);
        using var other = await _cache.LockAsync("other", log, default);
        await told.Task;
        Assert.False(second.IsCompleted);

        first.Dispose();
        (await second).Dispose();
        Assert.Contains("name", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_excludes_other_processes_until_they_die()
    {
        (await _cache.LockAsync("name", new ListLog(), default)).Dispose();
        using var other = await HoldElsewhereAsync("name");

        var told = new TaskCompletionSource();
        var waiting = _cache.LockAsync("name", new ListLog { OnLine = _ => told.TrySetResult() }, default);
        await told.Task;
        Assert.False(waiting.IsCompleted);

        other.Kill();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_leaves_the_lock_free()
    {
        using var cancellation = new CancellationTokenSource();
        var first = await _cache.LockAsync("name", new ListLog(), default);
        var waiting = _cache.LockAsync("name", new ListLog { OnLine = _ => cancellation.Cancel() }, cancellation.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        (await _cache.LockAsync("name", new ListLog(), default)).Dispose();
    }

    [Fact]
    public async Task Work_is_abandoned_when_nobody_holds_its_lock()
    {
        Directory.CreateDirectory(Path.Combine(_cache.Work, "layer-a"));
        Directory.CreateDirectory(Path.Combine(_cache.Work, "layer-b"));
        using var held = await _cache.LockAsync("layer-b", new ListLog(), default);
        Assert.Equal([Path.Combine(_cache.Work, "layer-a")], _cache.AbandonedWork());
    }

    // flock(1) becomes cat(1), which holds the lock until it dies.
    private async Task<Process> HoldElsewhereAsync(string name)
    {
        var process = Process.Start(new ProcessStartInfo("flock",
            ["--no-fork", Path.Combine(_cache.Root, "locks", name + ".lock"), "cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardInput.WriteLineAsync("held");
        await process.StandardInput.FlushAsync();
        Assert.Equal("held", await process.StandardOutput.ReadLineAsync());
        return process;
    }
}

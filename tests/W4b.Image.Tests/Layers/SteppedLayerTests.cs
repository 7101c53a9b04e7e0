using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Layers.Locking;
using W4b.Image.Steps;
using W4b.Image.Tests.Layers.Cache;
using W4b.Image.Tests.Layers.Twins;

namespace W4b.Image.Tests.Layers;

/// <summary>Layers over a base that has little more than apt, with one package that lies in it.</summary>
[Trait("Category", "Sandbox")]
public sealed class SteppedLayerTests(AptTree apt) : IClassFixture<AptTree>, IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private string _base = "";

    public async Task InitializeAsync()
    {
        await apt.PackAsync("w4b-first", "echo here > /etc/w4b-first");
        var image = _folder["base.img"];
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", "mkdir -p \"$1/boot/firmware\"; echo 'PARTUUID=1-01 /boot/firmware vfat defaults 0 2' > \"$1/etc/fstab\"; : > \"$2/config.txt\"",
            "sh", apt.Tree.RootFolder, apt.Tree.BootFolder], _log, default);
        await CardWriter.WriteAsync(apt.Tree, CardSpecification.RaspberryPiOs(1, Guid.NewGuid()), image, 0, TinyCard.Epoch, DateTimeOffset.UnixEpoch, _log, default);
        _base = _folder[ContentFile.Sha256OfFile(image) + ".img"];
        File.Move(image, _base);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        W4b.Image.Layers.Cache.CacheUses.ReleaseAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_changed_script_installs_no_package_again_and_gives_what_a_build_from_the_base_gives()
    {
        var (first, firstLog) = await BuildAsync("cache", "echo one > /etc/w4b-script");
        Assert.Contains(firstLog, l => l.Contains("Setting up w4b-first", StringComparison.Ordinal));
        Assert.Equal(2, Directory.GetDirectories(_folder["cache/layers"]).Length);

        var (second, secondLog) = await BuildAsync("cache", "echo two > /etc/w4b-script");
        Assert.DoesNotContain(secondLog, l => l.Contains("Setting up w4b-first", StringComparison.Ordinal));
        Assert.Contains(secondLog, l => l.StartsWith("Starting from the layer", StringComparison.Ordinal));
        Assert.Contains(secondLog, l => l.StartsWith("InstallSoftware runs: script 1, script.sh: ", StringComparison.Ordinal));
        Assert.NotEqual(first, second);
        // The log of a layer tells all of how it was made.
        Assert.Contains("Setting up w4b-first", File.ReadAllText(Path.Combine(Path.GetDirectoryName(second)!, SoftwareLayer.LogName)), StringComparison.Ordinal);

        var (whole, _) = await BuildAsync("other", "echo two > /etc/w4b-script");
        Assert.Equal(Path.GetFileName(Path.GetDirectoryName(second)), Path.GetFileName(Path.GetDirectoryName(whole)));
        Assert.Equal(ContentFile.Sha256OfFile(whole), ContentFile.Sha256OfFile(second));

        // A hive with the package alone has its layer already.
        var (_, aloneLog) = await BuildAsync("cache", null);
        Assert.Contains(aloneLog, l => l.StartsWith("The software layer is in the cache", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(_folder["cache/work"]));
    }

    [Fact]
    public void Of_two_processes_that_want_one_layer_one_makes_it_and_the_other_says_that_it_waits()
    {
        var inputs = WriteInputs("echo both > /etc/w4b-script");
        using var first = new OtherProcess("layer", inputs, _base, _folder["shared"]);
        Assert.Equal("opened none", first.ReadUntil("opened"));
        using var second = new OtherProcess("layer", inputs, _base, _folder["shared"]);
        second.ReadUntil("Waiting for another build that works on layer-");

        first.Continue();
        var made = first.ReadUntil("made ")["made ".Length..];
        first.End();
        Assert.Equal($"opened {made}", second.ReadUntil("opened"));
        second.Continue();
        second.End();
        Assert.DoesNotContain(second.Lines, l => l.Contains("Setting up", StringComparison.Ordinal));
    }

    private async Task<(string Image, IReadOnlyCollection<string> Log)> BuildAsync(string cache, string? script)
    {
        var log = new ListLog();
        await using var session = await SoftwareLayerSession.OpenAsync(WriteInputs(script), _base, _folder[cache], LockOptions.None, log, default);
        if (session.LayerImage is { } there)
            return (there, log.Lines);
        await session.MountAsync(log, default);
        await session.ApplyAsync(nativeTwins: false, log, default);
        return (await session.WriteImageAsync(log, default), log.Lines);
    }

    private string WriteInputs(string? script)
    {
        var obj = Directory.CreateDirectory(_folder["obj"]).FullName;
        var software = new SoftwareConfiguration(["/root/w4b-first.deb"], [], [], 0, [], [], null, null, null, []);
        if (script is not null)
            software = software with { Scripts = [_folder.Write("script.sh", $"#!/bin/sh\n{script}\n")] };
        var inputs = Path.Combine(obj, "software.json");
        File.WriteAllText(inputs, ImageJson.Write(new SoftwareInputs("arm64", software)));
        return inputs;
    }
}

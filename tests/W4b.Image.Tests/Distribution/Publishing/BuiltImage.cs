using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution;
using W4b.Image.Distribution.Imager;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>What a build leaves of an image that is to be published: an archive with files beside it, and facts in obj/.</summary>
internal sealed class BuiltImage : IDisposable
{
    private readonly TestFolder _folder = new();

    public BuiltImage(string name, string hive, int bytes = 300_000, bool secrets = false)
    {
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(Obj);
        var content = Sample.Image(bytes, seed: name.Sum(c => c));
        File.WriteAllBytes(Path.Combine(Output, name + ".img.xz"), content);
        Facts = SampleImage.Of(name, hive) with { HoldsSecrets = secrets, Archive = new FileFacts(name + ".img.xz", bytes, Sample.Sha256(content)) };
        foreach (var (extension, text) in new[] { (".bmap", "map"), (".json", "{}"), (".spdx.json", "{}"), (".log", "host"), (".rpi-imager-manifest", ImagerList.Manifest(Facts, "file:///here")) })
            File.WriteAllText(Path.Combine(Output, name + extension), text);
        File.WriteAllText(Path.Combine(Obj, ImageFacts.FileName), ImageJson.Write(Facts));
    }

    public ImageFacts Facts { get; }

    public string Output => _folder["bin/"];

    public string Obj => _folder["obj"];

    public string Archive => Path.Combine(Output, Facts.Archive.Name);

    public static PublishConfiguration To(string url) => new(url, null, null, null, null, null, null, null, null, false, [], null);

    /// <summary>The configuration for a server's account.</summary>
    public static PublishConfiguration To(SshServer server) => To(server.Url) with { SshKey = SecretIn(server.UserKey), HostKey = server.HostKey };

    public static Secret SecretIn(string file) => new(SecretOrigin.File, file, new SourceLocation("hive.yaml", 1, 1));

    /// <summary>Sends the files.</summary>
    public async Task<string> SendAsync(PublishConfiguration publish, IBuildLog log, CancellationToken cancellation = default)
    {
        await File.WriteAllTextAsync(Path.Combine(Obj, "publish.json"), ImageJson.Write(publish), cancellation);
        return await PublishImageStep.RunAsync(Obj, Output, "", _folder["default/"], log, cancellation);
    }

    /// <summary>Sends and lists it, as `dotnet publish`; what that prints.</summary>
    public async Task<string> PublishAsync(PublishConfiguration publish, IBuildLog log, CancellationToken cancellation = default)
        => await PublishListStep.RunAsync([await SendAsync(publish, log, cancellation)], log, cancellation);

    public void Dispose() => _folder.Dispose();
}

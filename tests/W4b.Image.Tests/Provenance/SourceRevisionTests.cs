using W4b.Image.Provenance;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Provenance;

/// <summary>What git tells of a project's folder.</summary>
public sealed class SourceRevisionTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Outside_of_a_repository_there_is_none() => Assert.Null(await FindAsync());

    [Fact]
    public async Task Repository_without_a_commit_has_none()
    {
        await GitAsync("init", "--quiet");
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Commit_is_told_with_its_time_and_whether_anything_was_changed()
    {
        await GitAsync("init", "--quiet");
        _folder.Write("hive.yaml", "hive_id: a\n");
        await GitAsync("add", "hive.yaml");
        await GitAsync("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--no-gpg-sign", "-m", "one");
        var head = (await GitAsync("rev-parse", "HEAD")).Trim();

        var clean = await FindAsync();
        Assert.Equal((head, 1_700_000_000, true), (clean!.Commit, clean.Time.ToUnixTimeSeconds(), clean.IsClean));

        // The build's own folders are no change, whatever .gitignore says.
        Directory.CreateDirectory(_folder["bin"]);
        _folder.Write("bin/hive.img.xz", "image");
        Assert.True((await FindAsync())!.IsClean);

        _folder.Write("new.sh", "echo\n");
        Assert.False((await FindAsync())!.IsClean);
        File.Delete(_folder["new.sh"]);
        _folder.Write("hive.yaml", "hive_id: b\n");
        Assert.False((await FindAsync())!.IsClean);
    }

    private Task<SourceRevision?> FindAsync() => SourceRevision.FindAsync(_folder.Path, [_folder["bin"] + "/", _folder["obj"] + "/"], _log, CancellationToken.None);

    private async Task<string> GitAsync(params string[] arguments)
        => (await HostTool.Git.RunAsync(_log, ["-C", _folder.Path, .. arguments], CancellationToken.None, environment: new Dictionary<string, string>
        {
            ["GIT_COMMITTER_DATE"] = "1700000000 +0000",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        })).Output;
}

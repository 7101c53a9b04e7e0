using W4b.Image.Diagnostics;
using W4b.Image.Distribution;
using W4b.Image.Distribution.Publishing;

namespace W4b.Image.Tests.Distribution.Publishing;

/// <summary>What others do to a file at the worst moment of its upload. The moments are made: by chance they are rare.</summary>
public sealed class UploaderTests : IDisposable
{
    private static readonly byte[] s_content = Sample.Image(100_000, seed: 1);
    private static readonly FileFacts s_file = new("a.img.xz", s_content.Length, Sample.Sha256(s_content));

    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    private string Named => _folder["site/" + s_file.Name];

    private string Aside => _folder[$"site/{s_file.Name}.{s_file.Sha256[..16]}.partial"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Another_one_renames_it_first()
    {
        await PutAsync(beforeRename: _ => File.Move(Aside, Named));
        Assert.Equal([Named], Directory.GetFiles(_folder["site"]));
    }

    [Fact]
    public async Task Another_one_renames_it_before_it_is_read_back()
    {
        await PutAsync(afterWrite: _ => File.Move(Aside, Named));
        Assert.Equal([Named], Directory.GetFiles(_folder["site"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50_000)]
    public async Task Another_one_renames_it_and_a_third_begins_it_anew_before_it_is_read_back(int written)
    {
        await PutAsync(afterWrite: _ => RenameAndBegin(written));
        Assert.Equal([Named], Directory.GetFiles(_folder["site"]));
    }

    // What is renamed then is the third one's, which is half.
    [Theory]
    [InlineData(0)]
    [InlineData(50_000)]
    public async Task Another_one_renames_it_and_a_third_begins_it_anew_before_it_is_renamed(int written)
    {
        await PutAsync(beforeRename: times => { if (times == 1) RenameAndBegin(written); });
        Assert.Equal([Named], Directory.GetFiles(_folder["site"]));
    }

    [Fact]
    public async Task What_arrives_damaged_is_sent_once_more()
    {
        var writes = 0;
        await PutAsync(afterWrite: times => { writes = times; if (times == 1) Damage(); });
        Assert.Equal(2, writes);
        Assert.Single(_log.Lines, l => l.Contains("did not arrive whole", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_always_arrives_damaged_is_an_error_and_no_file()
    {
        var writes = 0;
        var failure = await Assert.ThrowsAsync<W4bException>(() => PutAsync(afterWrite: times => { writes = times; Damage(); }));
        Assert.Equal(DiagnosticCode.UploadDamaged, failure.Diagnostics[0].Code);
        Assert.Equal(2, writes);
        Assert.Empty(Directory.GetFiles(_folder["site"]));
    }

    [Fact]
    public async Task What_cannot_get_its_name_is_an_error()
    {
        var failure = await Assert.ThrowsAsync<W4bException>(() => PutAsync(beforeRename: _ => Directory.CreateDirectory(Named)));
        Assert.Equal(DiagnosticCode.PublishFailed, failure.Diagnostics[0].Code);
    }

    private void RenameAndBegin(int written)
    {
        File.Move(Aside, Named);
        File.WriteAllBytes(Aside, s_content[..written]);
    }

    private void Damage()
    {
        using var file = File.OpenWrite(Aside);
        file.Position = 70_000;
        file.WriteByte((byte)~s_content[70_000]);
    }

    private async Task PutAsync(Action<int>? afterWrite = null, Action<int>? beforeRename = null)
    {
        await using var site = new Disturbed(new FolderDestination(_folder["site"]), afterWrite, beforeRename);
        var uploader = new Uploader(site, new Patience(TimeSpan.Zero, _log), _log);
        await uploader.PutAsync(_folder.Write("a.img.xz", s_content), s_file, known: false, default);
        Assert.Equal(s_content, await File.ReadAllBytesAsync(Named));
    }

    /// <summary>A destination where something happens between two of our acts; told is how often it came to that.</summary>
    private sealed class Disturbed(IDestination inner, Action<int>? afterWrite, Action<int>? beforeRename) : IDestination
    {
        private int _writes;
        private int _renames;

        public string Description => inner.Description;

        public string Url => inner.Url;

        public Task<long?> SizeAsync(string name, CancellationToken cancellation) => inner.SizeAsync(name, cancellation);

        public Task<bool> ReadAsync(string name, Stream target, CancellationToken cancellation) => inner.ReadAsync(name, target, cancellation);

        public async Task WriteAsync(string name, Stream content, CancellationToken cancellation)
        {
            await inner.WriteAsync(name, content, cancellation);
            afterWrite?.Invoke(++_writes);
        }

        public Task RenameAsync(string name, string newName, CancellationToken cancellation)
        {
            beforeRename?.Invoke(++_renames);
            return inner.RenameAsync(name, newName, cancellation);
        }

        public Task DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

        public Task<bool> TryCreateFolderAsync(string name, CancellationToken cancellation) => inner.TryCreateFolderAsync(name, cancellation);

        public Task DeleteFolderAsync(string name, CancellationToken cancellation) => inner.DeleteFolderAsync(name, cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

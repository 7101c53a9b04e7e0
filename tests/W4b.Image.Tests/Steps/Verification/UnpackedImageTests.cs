using W4b.Image.Steps.Verification;

namespace W4b.Image.Tests.Steps.Verification;

/// <summary>An image that is unpacked to be verified leaves nothing, wherever it is.</summary>
public sealed class UnpackedImageTests : IDisposable
{
    private const long Length = 64 << 20;
    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();

    [Theory]
    [InlineData(2 * Length, true)]
    [InlineData(2 * Length - 1, false)]
    public void It_is_in_memory_where_that_takes_at_most_half_of_what_is_free(long freeMemory, bool isInMemory)
    {
        string path;
        using (var image = UnpackedImage.Create(_folder.Path, Length, freeMemory, _log))
        {
            path = image.Path;
            RandomAccess.Write(image.File, "here"u8, Length - 4);
            // Another program reaches it too.
            Assert.Equal("here", System.Text.Encoding.ASCII.GetString(Sample.Pipe([], "tail", "-c", "4", path)));
            Assert.Equal(isInMemory, File.ResolveLinkTarget(path, returnFinalTarget: false)!.FullName.StartsWith("/memfd:", StringComparison.Ordinal));
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }

        Assert.False(File.Exists(path));
        Assert.Contains(_log.Lines, l => l.Contains(isInMemory ? "unpacked in memory" : $"unpacked in {_folder.Path}", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
